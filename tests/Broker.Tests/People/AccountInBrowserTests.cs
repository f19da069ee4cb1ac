using System.Text.Json;
using Broker.Tests.Hosting;

namespace Broker.Tests.People;

/// <summary>
/// People in real browsers on the account page: a wallet of the browser, passkeys, links, other browsers, and a
/// provider that we did not write, node's <c>oidc-provider</c>. An accessibility checker looks at every state; screenshots are
/// kept in <c>artifacts/pages</c>.
/// </summary>
public sealed class AccountInBrowserTests
{
    // Of this test and nothing else.
    private const string Key = "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";
    private const string Claim = "alice@home.example";
    private const string ClientSecret = "a-secret-of-this-test-and-nothing-else";

    [Fact]
    public async Task People_sign_in_by_wallet_passkey_and_provider_and_end_what_they_have()
    {
        using var secret = new TemporaryFolder();
        var (port, providerPort) = (Peers.FreePort(), Peers.FreePort());
        var (origin, provider) = ($"http://localhost:{port}", $"http://127.0.0.1:{providerPort}");
        using var node = Npm.Start(
            "oidc-provider", "sign-in.mjs", $"{providerPort}", "broker", ClientSecret,
            $"{origin}/auth/oauth2/callback");
        (await node.StandardOutput.ReadLineAsync())!.ShouldStartWith("listening");
        await using var broker = await BrokerApp.StartAsync(
            ("BROKER_AUTH_METHODS", "wallet_sig,passkey,oauth2_oidc"), ("BROKER_DEV_MODE", "true"),
            ("BROKER_PORT", $"{port}"), ("BROKER_OIDC_ISSUER", origin), ("BROKER_OAUTH2_OIDC_ISSUER", provider),
            ("BROKER_OAUTH2_OIDC_CLIENT_ID", "broker"),
            ("BROKER_OAUTH2_OIDC_CLIENT_SECRET_FILE", SecretFile(secret)));
        broker.Clock.SetUtcNow(DateTimeOffset.UtcNow);
        using Wallet wallet = new(Key), other = new();
        await LinkAsync(broker, wallet, other);
        var folder = Path.Combine(Fixtures.RepositoryRoot, "artifacts", "pages");
        Directory.CreateDirectory(folder);

        var seen = await Npm.RunAsync(
            "account.mjs", new { origin, folder, key = $"0x{Key}", provider, claim = Claim }, "browser");
        node.StandardInput.Close();
        await node.WaitForExitAsync();

        Texts(seen, "problems").ShouldBeEmpty();
        Texts(seen, "findings").ShouldBeEmpty();
        Text(seen, "declined").ShouldBe("Nothing was signed, so you are not signed in.");
        Texts(seen, "byWallet").ShouldContain(wallet.Omni);
        Texts(seen, "linked").ShouldContain(other.Address);
        Texts(seen, "linked").ShouldNotContain(Claim);
        Texts(seen, "browsers").ShouldBe(["Chrome or Chromium on Linux: this browser", "Chrome or Chromium on Linux"]);
        Text(seen, "ended").ShouldBe($"{origin}/sign-in");
        Text(seen, "endedWithAll").ShouldBe($"{origin}/sign-in");
        Text(seen, "twice").ShouldBe("This device has a passkey for you already.");
        Texts(seen, "byPasskey").ShouldContain(wallet.Omni);
        Text(seen, "removed").ShouldStartWith("Not signed in: ");
        Text(seen, "callback").ShouldBe("Verified — go back to the page where you began.");
        Texts(seen, "byProvider")[0].ShouldBe($"{provider}#carol (oauth2_oidc)");
    }

    /// <summary>The wallet's actor has a claim, and another wallet that is proven.</summary>
    private static async Task LinkAsync(BrokerApp broker, Wallet wallet, Wallet other)
    {
        var session = await broker.SignInAsync(wallet);
        (await broker.PostAsync(
            "/v1/wallet/link", new { identity_type = "email", identity_value = Claim }, session)).ShouldBeOk();
        (await broker.PostAsync(
            "/v1/identity/link", new { identity_token = await broker.SignInAsync(other) }, session)).ShouldBeOk();
    }

    private static string SecretFile(TemporaryFolder folder)
    {
        var path = Path.Combine(folder.Path, "secret");
        File.WriteAllText(path, ClientSecret);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }

    private static string? Text(JsonElement seen, string name) => seen.GetProperty(name).GetString();

    private static List<string> Texts(JsonElement seen, string name) =>
        [.. seen.GetProperty(name).EnumerateArray().Select(one => one.GetString()!)];
}
