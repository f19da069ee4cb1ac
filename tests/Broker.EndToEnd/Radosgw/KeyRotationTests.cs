using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using Broker.Cryptography;
using Broker.EndToEnd.Clients;
using Broker.EndToEnd.Processes;
using Broker.Ledger.Sqlite.Connections;

namespace Broker.EndToEnd.Radosgw;

/// <summary>
/// The OIDC key changes under load, and a real STS takes the tokens of both keys while both are published. The day that a
/// key is announced passes by moving its times in the state database, which the broker looks at every two seconds.
/// </summary>
/// <remarks>
/// radosgw 16.2 verifies with the first key of a JWKS and never looks at <c>kid</c>. So it refuses a token that was minted
/// just before the switch and shown just after it, which AWS and the local cloud take (<c>KeysTests</c>): such a token, and
/// no other, may be refused here, and the next one is taken.
/// </remarks>
[Collection(RadosgwTests.Name)]
public sealed class KeyRotationTests(RadosgwSite site) : IDisposable
{
    private const string Role = "agentkeys-rotating-role";

    private readonly TemporaryFolder _folder = new();

    private string StateFile => _folder.File("broker.sqlite");

    public void Dispose() => _folder.Dispose();

    [RadosgwFact]
    public async Task Tokens_of_both_keys_are_taken_while_both_are_published()
    {
        var operatorToken = _folder.File("operator-token");
        await File.WriteAllTextAsync(operatorToken, RandomNumberGenerator.GetHexString(64));
        File.SetUnixFileMode(operatorToken, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await using var broker = await BrokerProcess.StartAsync(_folder.Path, LoopbackPort.Free(), new Dictionary<string, string>
        {
            ["BROKER_DATA_ROLE_ARN"] = RadosgwSite.ArnOf(Role),
            ["BROKER_DATA_BUCKET"] = RadosgwSite.DataBucket,
            ["BROKER_OPERATOR_TOKEN_FILE"] = operatorToken,
            ["BROKER_RATE_LIMIT_MINTS_PER_HOUR_PER_OMNI"] = "0",
            ["AWS_ENDPOINT_URL_STS"] = site.Cluster.Endpoint.AbsoluteUri,
        });
        using var client = new BrokerClient(broker.Address);
        using var wallet = Secp256k1PrivateKey.Generate();
        var session = await client.SignInAsync(wallet);
        var brokerctl = new BrokerCtl(broker.Address, session, _folder);

        // Announced by the operator's command; the provider is told of both keys, as AWS reads them by itself.
        await brokerctl.RunAsync("keys", "rotate", "oidc", "--operator-token-file", operatorToken);
        await RadosgwSite.RegisterProviderAsync(site.Cluster, broker, client);
        await RadosgwSite.CreateRoleAsync(site.Cluster, Role, broker.Address.Authority);

        var seen = await RotateUnderLoadAsync(client, session);

        var listed = await brokerctl.RunAsync("keys", "list", "--operator-token-file", operatorToken);
        listed.ShouldContain("retiring");
        (await client.GetAsync(".well-known/jwks.json")).Ok().Body.GetProperty("keys").GetArrayLength().ShouldBe(2);
        seen.Count.ShouldBe(2);
        seen.Keys.ShouldAllBe(keyId => listed.Contains(keyId, StringComparison.Ordinal));
    }

    /// <summary>How many tokens of each key were taken, by its id.</summary>
    private async Task<IReadOnlyDictionary<string, int>> RotateUnderLoadAsync(BrokerClient client, WalletSession session)
    {
        var seen = new ConcurrentDictionary<string, int>();
        using var stop = new CancellationTokenSource(TimeSpan.FromMinutes(3));

        // radosgw makes a user of its own at a subject's first token, and two at once get in each other's way there.
        await ExchangeAsync(client, session, seen);
        var load = Task.WhenAll(Enumerable.Range(0, 3).Select(_ => UseAsync(client, session, seen, stop.Token)));
        await SeenAsync(seen, keys: 1, load);
        PassADay();
        await SeenAsync(seen, keys: 2, load);
        await Task.Delay(TimeSpan.FromSeconds(2));
        await stop.CancelAsync();
        await load;
        return seen;
    }

    private async Task UseAsync(
        BrokerClient client, WalletSession session, ConcurrentDictionary<string, int> seen, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested) await ExchangeAsync(client, session, seen);
    }

    private async Task ExchangeAsync(
        BrokerClient client, WalletSession session, ConcurrentDictionary<string, int> seen)
    {
        var (taken, keyId) = await MintAndShowAsync(client, session);
        if (taken.Status != HttpStatusCode.OK && keyId != await FirstKeyAsync(client))
            (taken, keyId) = await MintAndShowAsync(client, session);
        taken.Status.ShouldBe(HttpStatusCode.OK, taken.Body);
        seen.AddOrUpdate(keyId, 1, (_, count) => count + 1);
    }

    private async Task<(StsAnswer Taken, string KeyId)> MintAndShowAsync(BrokerClient client, WalletSession session)
    {
        var minted = await client.PostAsync("v1/mint-oidc-jwt", new { }, session, CancellationToken.None);
        var token = minted.Ok().Text("jwt");
        var taken = await StsCall.AssumeAsync(site.Cluster.Endpoint, RadosgwSite.ArnOf(Role), token);
        return (taken, TokenText.Header(token)["kid"]!.GetValue<string>());
    }

    private static async Task<string?> FirstKeyAsync(BrokerClient client)
    {
        var keys = (await client.GetAsync(".well-known/jwks.json")).Ok().Body.GetProperty("keys");
        return keys[0].GetProperty("kid").GetString();
    }

    private static async Task SeenAsync(ConcurrentDictionary<string, int> seen, int keys, Task load)
    {
        while ((seen.Count < keys || seen.Values.Any(count => count < 3)) && !load.IsCompleted)
            await Task.Delay(TimeSpan.FromMilliseconds(100));
        if (load.IsCompleted) await load; // it says what was refused
    }

    private void PassADay()
    {
        using var state = SqliteDatabase.OpenForWriting(StateFile, TimeSpan.FromSeconds(5));
        state.Execute(
            "UPDATE key_versions SET announced_at = announced_at - 86460, signs_at = signs_at - 86460 WHERE version = 2");
    }
}
