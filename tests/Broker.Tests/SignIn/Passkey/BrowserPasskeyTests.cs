using Broker.Tests.Hosting;

namespace Broker.Tests.SignIn.Passkey;

/// <summary>Passkeys of a real browser: Chromium's own WebAuthn, with its virtual authenticator.</summary>
public sealed class BrowserPasskeyTests
{
    [Fact]
    public async Task A_browser_makes_a_passkey_for_a_session_and_signs_in_with_it()
    {
        var port = Peers.FreePort();
        var origin = $"http://localhost:{port}";
        await using var broker = await BrokerApp.StartAsync(
            ("BROKER_AUTH_METHODS", "wallet_sig,passkey"), ("BROKER_DEV_MODE", "true"), ("BROKER_PORT", $"{port}"),
            ("BROKER_OIDC_ISSUER", origin));
        using var wallet = new Wallet();
        var session = await broker.SignInAsync(wallet);

        var seen = await Npm.RunAsync("passkey.mjs", new { origin, session }, "browser");

        var registered = seen.GetProperty("registered");
        registered.GetProperty("status").GetInt32().ShouldBe(200, registered.ToString());
        registered.GetProperty("omni_account").GetString().ShouldBe(wallet.Omni);
        registered.GetProperty("label").GetString().ShouldBe("Chromium");
        foreach (var signedIn in seen.GetProperty("signedIn").EnumerateArray())
        {
            signedIn.GetProperty("status").GetInt32().ShouldBe(200, signedIn.ToString());
            signedIn.GetProperty("omni_account").GetString().ShouldBe(wallet.Omni);
            var token = signedIn.GetProperty("session_jwt").GetString();
            (await broker.PostAsync("/v1/mint-oidc-jwt", bearer: token)).ShouldBeOk()["wallet"].ShouldBe(wallet.Address);
        }

        var credential = seen.GetProperty("credentials").EnumerateArray().ShouldHaveSingleItem();
        credential.GetProperty("isResidentCredential").GetBoolean().ShouldBeTrue();
        credential.GetProperty("rpId").GetString().ShouldBe("localhost");

        // What the browser itself refuses: a second passkey on the same device, and a user whom nothing verifies.
        seen.GetProperty("again").GetProperty("error").GetString().ShouldBe("InvalidStateError");
        seen.GetProperty("unverified").GetProperty("error").GetString().ShouldBe("NotAllowedError");
        seen.GetProperty("incapable").GetProperty("error").GetString().ShouldBe("NotAllowedError");
    }
}
