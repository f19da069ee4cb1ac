using Broker.Tests.SignIn.Passkey;

namespace Broker.Tests.Hosting;

/// <summary>
/// A broker that offers wallet, mail, an OpenID provider and passkey, with the provider beside it: a session for
/// whoever proves who it is by one of them.
/// </summary>
internal sealed class EveryWayToSignIn : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();

    private EveryWayToSignIn()
    {
    }

    public BrokerApp Broker { get; private set; } = null!;

    public OidcPeer Provider { get; private set; } = null!;

    public static async Task<EveryWayToSignIn> StartAsync(params (string Name, string Value)[] settings)
    {
        var site = new EveryWayToSignIn();
        var (secret, state) = (site._folder.File("secret"), site._folder.File("state"));
        await File.WriteAllTextAsync(secret, OidcPeer.ClientSecret);
        await File.WriteAllTextAsync(state, new string('k', 32));
        File.SetUnixFileMode(secret, UnixFileMode.UserRead);
        File.SetUnixFileMode(state, UnixFileMode.UserRead);
        var clock = new TestClock();
        site.Provider = await OidcPeer.StartAsync(clock);
        site.Broker = await MailSignIn.StartAsync(
        [
            ("BROKER_AUTH_METHODS", "wallet_sig,email_link,oauth2_google,passkey"),
            ("BROKER_OAUTH2_PROVIDERS", "google"),
            ("BROKER_OAUTH2_GOOGLE_ISSUER", site.Provider.Issuer),
            ("BROKER_OAUTH2_GOOGLE_CLIENT_ID", OidcPeer.ClientId),
            ("BROKER_OAUTH2_GOOGLE_CLIENT_SECRET_FILE", secret), ("BROKER_OAUTH2_STATE_HMAC_KEY_PATH", state),
            .. settings,
        ]);
        return site;
    }

    /// <summary>The answer of the poll that brings the session.</summary>
    public async Task<Answer> ByMailAsync(string mailbox)
    {
        var asked = (await Broker.RequestLinkAsync(mailbox)).ShouldBeOk();
        (await Broker.ConfirmAsync(Broker.NewestToken())).ShouldBeOk();
        return await Broker.PollAsync(asked);
    }

    /// <summary>The same, for a person of the provider.</summary>
    public async Task<Answer> ByProviderAsync(string subject)
    {
        var begun = (await Broker.PostAsync("/v1/auth/oauth2/start", new { provider = "google" })).ShouldBeOk();
        var back = Provider.Authorize(begun["authorization_url"]!, subject);
        (await Broker.GetAsync("/auth/oauth2/callback?" + back)).ShouldBeOk();
        return await Broker.GetAsync(begun["poll_url"]!);
    }

    /// <summary>Makes the passkey of <paramref name="device"/>, for the session's actor or a new one.</summary>
    public async Task<Answer> RegisterAsync(SoftAuthenticator device, string? session = null)
    {
        var creation = (await Broker.PostAsync("/v1/auth/passkey/register/start", bearer: session)).ShouldBeOk();
        device.UserHandle = creation.Json.GetProperty("public_key").GetProperty("user").GetProperty("id").GetString();
        var attestation = device.Attest(creation["challenge"]!);
        return await Broker.PostAsync("/v1/auth/passkey/register/verify", new { attestation }, session);
    }

    /// <summary>The answer that brings the session of a registered passkey.</summary>
    public async Task<Answer> ByPasskeyAsync(SoftAuthenticator device)
    {
        device.Counter++;
        var begun = (await Broker.PostAsync("/v1/auth/passkey/start")).ShouldBeOk();
        return await Broker.PostAsync(
            "/v1/auth/passkey/verify",
            new { challenge = begun["challenge"], assertion = device.Assert(begun["challenge"]!) });
    }

    public async ValueTask DisposeAsync()
    {
        await Broker.DisposeAsync();
        await Provider.DisposeAsync();
        _folder.Dispose();
    }
}
