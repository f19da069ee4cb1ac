using System.Collections.Concurrent;
using System.Net;
using Broker.EndToEnd.Clients;

namespace Broker.EndToEnd.Crash;

/// <summary>Many clients of one broker, each asking for the next credential as soon as it has the last.</summary>
internal static class ConcurrentClients
{
    public const int Count = 32;

    /// <summary>Runs until the broker is gone; gives all that arrived.</summary>
    /// <exception cref="InvalidOperationException">The broker refused a client, which it has no reason to.</exception>
    public static async Task<IReadOnlyCollection<ReceivedCredential>> RunAsync(Uri address, WalletSession session)
    {
        using var broker = new BrokerClient(address);
        var received = new ConcurrentBag<ReceivedCredential>();
        await Task.WhenAll(Enumerable.Range(0, Count)
            .Select(_ => Task.Run(() => LoopAsync(broker, session, received))));
        return received;
    }

    private static async Task LoopAsync(
        BrokerClient broker, WalletSession session, ConcurrentBag<ReceivedCredential> received)
    {
        while (true)
        {
            Answer answer;
            try
            {
                answer = await broker.PostAsync("v1/mint-oidc-jwt?receipt=full", new { }, session);
            }
            catch (Exception gone) when (gone is HttpRequestException or IOException)
            {
                // Killed before the whole answer was here: this client holds no credential.
                return;
            }

            if (answer.Status != HttpStatusCode.OK)
                throw new InvalidOperationException($"refused: {answer.Body.GetRawText()}");
            received.Add(ReceivedCredential.From(answer));
        }
    }
}
