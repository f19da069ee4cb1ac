using Broker.Cli.Client;
using Broker.Cli.Sessions;

namespace Broker.Cli.Mcp;

/// <summary>
/// The broker and the session of one call. Looked up at each call, so that a sign-in elsewhere on the machine takes
/// effect, and the start waits for nobody.
/// </summary>
internal static class AgentBroker
{
    /// <param name="url">Of the command line; null for the usual places.</param>
    public static async Task<T> AskAsync<T>(
        string? url, Func<BrokerConnection, string, Task<T>> ask, CancellationToken stop)
    {
        var address = BrokerAddress.Of(url, SessionKeeper.LastAddress);
        var token = await SessionKeeper.Create().TokenAsync(address, stop);
        using var broker = BrokerConnection.To(address);
        return await ask(broker, token);
    }
}
