using System.Text.Json;
using Broker.Tests.Hosting;

namespace Broker.Tests.SignIn.Oidc;

/// <summary>
/// A real browser signs in at a provider that we did not write, node's <c>oidc-provider</c>, and comes back.
/// Screenshots are kept in <c>artifacts/pages</c>.
/// </summary>
public sealed class OidcProviderTests
{
    private const string ClientId = "broker";
    private const string ClientSecret = "a-secret-of-this-test-and-nothing-else";

    [Fact]
    public async Task A_person_signs_in_at_a_provider_and_the_client_has_the_session()
    {
        using var folder = new TemporaryFolder();
        var (port, providerPort) = (Peers.FreePort(), Peers.FreePort());
        var (site, issuer) = ($"http://127.0.0.1:{port}", $"http://127.0.0.1:{providerPort}");
        using var provider = Npm.Start("oidc-provider", "sign-in.mjs",
            $"{providerPort}", ClientId, ClientSecret, site + "/auth/oauth2/callback");
        (await provider.StandardOutput.ReadLineAsync())!.ShouldStartWith("listening");
        await using var broker = await BrokerApp.StartAsync(
            ("BROKER_AUTH_METHODS", "oauth2_oidc"), ("BROKER_DEV_MODE", "true"), ("BROKER_PORT", $"{port}"),
            ("BROKER_OIDC_ISSUER", site), ("BROKER_OAUTH2_OIDC_ISSUER", issuer),
            ("BROKER_OAUTH2_OIDC_CLIENT_ID", ClientId),
            ("BROKER_OAUTH2_OIDC_CLIENT_SECRET_FILE", Secret(folder)));
        broker.Clock.SetUtcNow(DateTimeOffset.UtcNow);
        var begun = await BeginAsync(broker);
        var other = await BeginAsync(broker);

        var pages = Path.Combine(Fixtures.RepositoryRoot, "artifacts", "pages");
        Directory.CreateDirectory(pages);
        var seen = await Npm.RunAsync("openid.mjs", new
        {
            address = begun["authorization_url"],
            other = other["authorization_url"],
            folder = pages,
        }, "browser");
        provider.StandardInput.Close();
        await provider.WaitForExitAsync();

        seen.GetProperty("findings").EnumerateArray().Select(one => one.GetString()).ShouldBeEmpty();
        Heading(seen, "done").ShouldBe("Verified — return to your terminal.");
        seen.GetProperty("done").GetProperty("facts").EnumerateArray().Select(one => one.GetString())
            .ShouldBe(["carol's phone", begun["compare_code"]]);
        Heading(seen, "again").ShouldBe("You are not signed in");
        Heading(seen, "cancelled").ShouldBe("Sign-in cancelled: access_denied");

        var verified = (await broker.GetAsync(begun["poll_url"]!)).ShouldBeOk();
        verified["identity_type"].ShouldBe("oauth2_oidc");
        verified["identity_value"].ShouldBe($"{issuer}#carol");
        (await broker.PostAsync("/v1/mint-oidc-jwt", bearer: verified["session_jwt"])).ShouldBeOk();
        (await broker.GetAsync(other["poll_url"]!)).Text.ShouldBe("""{"status":"failed","reason":"access_denied"}""");
    }

    private static string? Heading(JsonElement seen, string state) =>
        seen.GetProperty(state).GetProperty("heading").GetString();

    private static async Task<Answer> BeginAsync(BrokerApp broker) => (await broker.PostAsync(
        "/v1/auth/oauth2/start", new { provider = "oidc", device_label = "carol's phone" })).ShouldBeOk();

    private static string Secret(TemporaryFolder folder)
    {
        var path = Path.Combine(folder.Path, "secret");
        File.WriteAllText(path, ClientSecret);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }
}
