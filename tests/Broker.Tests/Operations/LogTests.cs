using System.Text.Json;
using Broker.Tests.Hosting;
using Broker.Tests.OAuth;

namespace Broker.Tests.Operations;

/// <summary>
/// Everything that the real process writes at its most talkative, searched for everything that it must not say.
/// </summary>
public sealed class LogTests
{
    [Fact]
    public async Task One_line_a_request_says_what_happened_and_to_whom()
    {
        await using var sts = await StsPeer.StartAsync(TimeProvider.System);
        using var wallet = new Wallet();
        string errors;
        string[] ids;
        await using (var broker = await BrokerProcess.StartAsync(
            BrokerProcess.Settings(("AWS_ENDPOINT_URL_STS", sts.Url)), "--init"))
        {
            var session = await broker.SignInAsync(wallet);
            var minted = (await broker.PostAsync("/v1/mint-oidc-jwt", bearer: session)).ShouldBeOk();
            var refused = await broker.PostAsync("/v1/mint-oidc-jwt", bearer: "eyJ.x.y");
            sts.Reply = _ => StsReply.Error(403, "AccessDenied", "no");
            var failed = await broker.PostAsync("/v1/mint-aws-creds", bearer: session);
            await broker.GetAsync("/healthz");
            await broker.GetAsync($"/v1/ledger/entries/{minted["audit_record_id"]}");
            ids = [minted.RequestId, refused.RequestId, failed.RequestId];
            broker.Terminate();
            errors = (await broker.WaitForEndAsync()).Errors;
        }

        var lines = errors.Split('\n');
        string LineOf(string id, string word) =>
            lines.Where(line => line.Contains(id, StringComparison.Ordinal)
                && line.Contains(word, StringComparison.Ordinal)).ShouldHaveSingleItem();
        LineOf(ids[0], "Broker.Request").ShouldContain("POST /v1/mint-oidc-jwt 200 ok");
        LineOf(ids[0], "Broker.Request").ShouldContain($"actor {wallet.Omni[..16]}");
        LineOf(ids[1], "Broker.Request").ShouldContain("401 invalid_bearer");
        LineOf(ids[2], "Broker.Request").ShouldContain("502 sts_failed");
        LineOf(ids[2], "WARN").ShouldContain("AccessDenied");
        errors.ShouldContain("GET /v1/ledger/entries/{id} 401");
        errors.ShouldNotContain("/healthz");
        errors.ShouldNotContain(wallet.Address);
    }

    [Theory]
    [InlineData("text")]
    [InlineData("json")]
    public async Task Hold_no_secret_that_was_used_in_a_whole_days_work(string format)
    {
        await using var sts = await StsPeer.StartAsync(TimeProvider.System);
        using var backend = new LegacyBackendPeer();
        using Wallet wallet = new(), other = new();
        using var folder = new TemporaryFolder();
        using var client = new TestClient("mailer");
        var clients = TestClient.FileOf(folder, client.Entry());
        var secrets = new List<string>();
        string errors;

        await using (var broker = await BrokerProcess.StartAsync(
            BrokerProcess.Settings(
                ("AWS_ENDPOINT_URL_STS", sts.Url), ("BROKER_BACKEND_URL", backend.Url), ("BROKER_LOG_LEVEL", "trace"),
                ("BROKER_LOG_FORMAT", format), ("BROKER_OAUTH_CLIENTS_FILE", clients),
                ("DAEMON_ACCESS_KEY_ID", "AKIADAEMON"),
                ("DAEMON_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")), "--init"))
        {
            secrets.Add("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
            var challenge = await broker.ChallengeAsync(wallet.Address);
            var signature = wallet.Sign(challenge["siwe_message"]!);
            var verified = (await broker.PostAsync(
                "/v1/auth/wallet/verify", new { request_id = challenge["request_id"], signature })).ShouldBeOk();
            await broker.PostAsync("/v1/auth/wallet/verify", new { request_id = challenge["request_id"], signature });
            var session = verified["session_jwt"]!;
            var legacy = backend.Admit(other.Address);
            secrets.AddRange([signature[2..], session, legacy]);

            secrets.Add((await broker.PostAsync("/v1/mint-oidc-jwt", bearer: session)).ShouldBeOk()["jwt"]!);
            secrets.Add((await broker.PostAsync("/v1/auth/exchange", bearer: legacy)).ShouldBeOk()["session_jwt"]!);
            (await broker.PostAsync("/v1/mint-aws-creds", bearer: legacy)).ShouldBeOk();
            var body = SignedMintBody.Signed(wallet, DateTimeOffset.UtcNow);
            secrets.Add(body["auth"]!["signature"]!.ToString()[2..]);
            (await broker.PostAsync("/v1/mint-aws-creds", body, session, ("Idempotency-Key", "k"))).ShouldBeOk();
            await broker.PostAsync("/v1/mint-aws-creds", body, session, ("Idempotency-Key", "k"));

            // OAuth: a client, a wallet and a session ask for tokens, and a session is introspected and ended.
            (string, string)[] proof = client.Proof(DateTimeOffset.UtcNow);
            secrets.Add(proof[1].Item2);
            (string, string)[] asked = [("grant_type", TestClient.ClientCredentials), .. proof];
            secrets.Add((await broker.PostFormAsync("/oauth/token", asked)).ShouldBeOk()["access_token"]!);
            await broker.PostFormAsync("/oauth/token", asked);
            var message = (await broker.ChallengeAsync(wallet.Address))["siwe_message"]!;
            secrets.Add(wallet.Sign(message)[2..]);
            asked = [("grant_type", TestClient.WalletGrant), ("assertion", message), ("signature", wallet.Sign(message))];
            var granted = (await broker.PostFormAsync("/oauth/token", asked)).ShouldBeOk()["access_token"]!;
            secrets.Add(granted);
            await broker.PostFormAsync("/oauth/token", asked);
            secrets.Add((await broker.PostFormAsync(
                "/oauth/token", ("grant_type", TestClient.TokenExchange), ("subject_token", session),
                ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"),
                ("audience", "sts.amazonaws.com"))).ShouldBeOk()["access_token"]!);
            (await broker.PostFormAsync("/oauth/introspect", granted, [("token", granted)])).ShouldBeOk();
            (await broker.PostFormAsync("/oauth/revoke", ("token", granted))).ShouldBeOk();
            await broker.PostFormAsync("/oauth/introspect", granted, [("token", granted)]);

            // And what goes wrong: unknown bearers, forged tokens, bad bodies, a failing STS, a locked ledger.
            secrets.Add("an-unknown-bearer-0123456789");
            await broker.PostAsync("/v1/mint-aws-creds", bearer: "an-unknown-bearer-0123456789");
            await broker.PostAsync("/v1/mint-oidc-jwt", bearer: session[..^4] + "AAAA");
            await broker.PostRawAsync("/v1/auth/wallet/verify", $$"""{"signature":"{{signature}}" nonsense""");
            sts.Reply = _ => StsReply.Error(400, "InvalidIdentityToken", "bad token");
            await broker.PostAsync("/v1/mint-aws-creds", bearer: session);
            sts.Reply = sts.Grant;
            using (DatabaseLock.Hold(broker.LedgerFile)) await broker.PostAsync("/v1/mint-aws-creds", bearer: session);
            await broker.PostAsync("/v1/auth/session/end", bearer: session);

            foreach (var key in (string[])["oidc-keypair.json", "session-keypair.json", "ledger-key.json"])
                secrets.Add(PrivateKeyOf(Path.Combine(broker.DataFolder, key)));
            broker.Terminate();
            errors = (await broker.WaitForEndAsync()).Errors;
        }

        secrets.AddRange(sts.Secrets);
        secrets.Count.ShouldBeGreaterThan(12);
        foreach (var said in (string[])["broker listening on", "startup STS check passed", "ledger_write_failed"])
            errors.ShouldContain(said);
        foreach (var secret in secrets)
        {
            errors.ShouldNotContain(secret);

            // Nor its most telling part: the signature of a token, the beginning of a long secret.
            errors.ShouldNotContain(
                secret.Contains('.', StringComparison.Ordinal) ? secret.Split('.')[2]
                    : secret[..Math.Min(secret.Length, 24)]);
        }

        if (format == "json")
            errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldAllBe(line => IsJson(line));
    }

    private static string PrivateKeyOf(string keyFile)
    {
        using var file = JsonDocument.Parse(File.ReadAllText(keyFile));
        return file.RootElement.GetProperty("private_key_pem").GetString()!.Split('\n')[1];
    }

    private static bool IsJson(string line)
    {
        try
        {
            JsonDocument.Parse(line).Dispose();
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
