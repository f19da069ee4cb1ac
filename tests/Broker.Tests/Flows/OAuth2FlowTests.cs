using System.Net;
using System.Web;
using Broker.Tests.Hosting;

namespace Broker.Tests.Flows;

/// <summary>The acceptance tests <c>oauth2_flow</c> of contract §13, by their names, and what stands beside them.</summary>
public sealed class OAuth2FlowTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private OidcPeer _provider = null!;
    private BrokerApp _broker = null!;

    public async Task InitializeAsync()
    {
        var clock = new TestClock();
        _provider = await OidcPeer.StartAsync(clock);
        _broker = await BrokerApp.StartAsync(
            ("BROKER_AUTH_METHODS", "wallet_sig,oauth2_google,oauth2_oidc,passkey"), ("BROKER_DEV_MODE", "true"),
            ("BROKER_OAUTH2_PROVIDERS", "google"),
            ("BROKER_OAUTH2_GOOGLE_ISSUER", _provider.Issuer), ("BROKER_OAUTH2_GOOGLE_CLIENT_ID", OidcPeer.ClientId),
            ("BROKER_OAUTH2_GOOGLE_CLIENT_SECRET_FILE", Secret("google", OidcPeer.ClientSecret)),
            ("BROKER_OAUTH2_OIDC_ISSUER", Peers.DeadUrl), ("BROKER_OAUTH2_OIDC_CLIENT_ID", "nobody"),
            ("BROKER_OAUTH2_OIDC_CLIENT_SECRET_FILE", Secret("other", "unused")),
            ("BROKER_OAUTH2_STATE_HMAC_KEY_PATH", Secret("state", new string('k', 32))));
    }

    public async Task DisposeAsync()
    {
        await _broker.DisposeAsync();
        await _provider.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Start_returns_authorization_url_and_pending_status()
    {
        var begun = await BeginAsync();

        begun["request_id"]!.ShouldMatch("^oa2-[0-9a-f]{24}$");
        begun.Number("expires_in_seconds").ShouldBe(600);
        begun["provider"].ShouldBe("google");
        begun["poll_url"].ShouldBe("/v1/auth/oauth2/status/" + begun["request_id"]);
        begun["authorization_url"]!.ShouldStartWith(_provider.Issuer + "/authorize?");
        var query = HttpUtility.ParseQueryString(new Uri(begun["authorization_url"]!).Query);
        query["client_id"].ShouldBe(OidcPeer.ClientId);
        query["redirect_uri"].ShouldBe(BrokerApp.Issuer + "/auth/oauth2/callback");
        query["response_type"].ShouldBe("code");
        query["scope"].ShouldBe("openid email");
        query["code_challenge_method"].ShouldBe("S256");
        query["code_challenge"]!.Length.ShouldBe(43);
        query["nonce"]!.Length.ShouldBeGreaterThanOrEqualTo(22);
        query["prompt"].ShouldBe("select_account");
        query["access_type"].ShouldBe("online");
        (await PollAsync(begun)).Text.ShouldBe("""{"status":"pending"}""");
    }

    [Fact]
    public async Task Full_flow_callback_then_cli_poll_returns_session_jwt()
    {
        var begun = await BeginAsync(label: "Bob’s <laptop>");

        var page = await ReturnAsync(_provider.Authorize(begun["authorization_url"]!, "1234567890"));
        var told = WebUtility.HtmlDecode(page.ShouldBeOk().Text);
        told.ShouldContain("Verified — return to your terminal.");
        told.ShouldContain("Bob’s <laptop>");
        page.Text.ShouldNotContain("<laptop>");
        page.Text.ShouldContain(begun["compare_code"]!);
        page.Text.ShouldNotContain("eyJ");
        var verified = await PollAsync(begun);

        verified["status"].ShouldBe("verified");
        // Contract §7.6.
        verified["omni_account"].ShouldBe("460265966d2ceb23947ed964cf00a41e64005ccb56bf3130931fb6358cc57702");
        (verified["identity_type"], verified["identity_value"]).ShouldBe(("oauth2_google", "1234567890"));
        var row = _broker.RowOf(verified);
        (row.Outcome, row.OutcomeDetail, row.Kind).ShouldBe(("ok", "oauth2", "session_token"));
        (await _broker.PostAsync("/v1/mint-oidc-jwt", bearer: verified["session_jwt"])).ShouldBeOk()["wallet"]
            .ShouldBe(verified["omni_account"]);
        (await PollAsync(begun))["session_jwt"].ShouldBe(verified["session_jwt"]);

        // Who signed in there is a person, and may have a passkey.
        (await _broker.PostAsync("/v1/auth/passkey/register/start", bearer: verified["session_jwt"])).ShouldBeOk()
            ["account"].ShouldBe(verified["omni_account"]);
    }

    [Fact]
    public async Task Callback_rejects_tampered_state_hmac()
    {
        var begun = await BeginAsync();
        var answer = _provider.Authorize(begun["authorization_url"]!, "1");

        var page = await ReturnAsync(answer[..^1] + (answer[^1] == 'A' ? 'B' : 'A'));

        page.Status.ShouldBe(HttpStatusCode.Unauthorized);
        _broker.RowOf(page).Outcome.ShouldBe("auth_failed");
        _provider.Exchanges.ShouldBe(0);
        (await PollAsync(begun))["status"].ShouldBe("pending");
        (await ReturnAsync(answer)).ShouldBeOk();
    }

    [Fact]
    public async Task Callback_propagates_provider_error_to_status()
    {
        var begun = await BeginAsync();
        var state = HttpUtility.ParseQueryString(new Uri(begun["authorization_url"]!).Query)["state"]!;

        var page = await ReturnAsync($"error=access_denied&state={Uri.EscapeDataString(state)}");

        page.ShouldBeOk().Text.ShouldContain("Sign-in cancelled: access_denied");
        (await PollAsync(begun)).Text.ShouldBe("""{"status":"failed","reason":"access_denied"}""");
        var nonsense = await BeginAsync();
        state = HttpUtility.ParseQueryString(new Uri(nonsense["authorization_url"]!).Query)["state"]!;
        page = await ReturnAsync($"error=<script>alert(1)</script>&state={Uri.EscapeDataString(state)}");
        page.ShouldBeOk().Text.ShouldContain("Sign-in cancelled: provider_error");
        page.Text.ShouldNotContain("alert");
    }

    [Fact]
    public async Task Callback_rejects_replayed_code_state_pair()
    {
        var begun = await BeginAsync();
        var answer = _provider.Authorize(begun["authorization_url"]!, "1");
        (await ReturnAsync(answer)).ShouldBeOk();

        (await ReturnAsync(answer)).Status.ShouldBe(HttpStatusCode.Unauthorized);

        _provider.Exchanges.ShouldBe(1);
        (await PollAsync(begun))["status"].ShouldBe("verified");
    }

    [Fact]
    public async Task Callback_propagates_expired_id_token_as_failed_status()
    {
        foreach (var ago in (int[])[61, 7200])
        {
            await IsRefusedAsync(claims =>
            {
                claims["iat"] = _broker.Clock.UnixSeconds - 10_000;
                claims["exp"] = _broker.Clock.UnixSeconds - ago;
            });
        }
    }

    [Fact]
    public async Task Callback_propagates_wrong_aud_as_failed_status() =>
        await IsRefusedAsync(claims => claims["aud"] = "another-client");

    [Fact]
    public async Task Callback_carries_security_headers_on_success()
    {
        var begun = await BeginAsync();

        var page = (await ReturnAsync(_provider.Authorize(begun["authorization_url"]!, "1"))).ShouldBeOk();

        page.Header("Content-Type").ShouldBe("text/html; charset=utf-8");
        page.Header("Cache-Control").ShouldBe("no-store");
        page.Header("Referrer-Policy").ShouldBe("no-referrer");
        page.Header("X-Content-Type-Options").ShouldBe("nosniff");
        page.Header("Content-Security-Policy")!.ShouldStartWith("default-src 'none'");
    }

    [Fact]
    public async Task Unknown_provider_returns_bad_request()
    {
        foreach (var unknown in (string[])["github", "Google", "", new string('x', 5000)])
        {
            (await _broker.PostAsync("/v1/auth/oauth2/start", new { provider = unknown }))
                .ShouldRefuse(400, "bad_request", "unknown_provider");
        }
    }

    [Fact]
    public async Task Every_lie_in_an_identity_token_is_refused()
    {
        await IsRefusedAsync(claims => claims["nonce"] = "another-nonce");
        await IsRefusedAsync(claims => claims.Remove("nonce"));
        await IsRefusedAsync(claims => claims["iss"] = "https://accounts.example.test");
        await IsRefusedAsync(claims => claims.Remove("sub"));
        await IsRefusedAsync(claims => claims["sub"] = new string('s', 256));
        await IsRefusedAsync(claims => claims.Remove("exp"));

        using var other = System.Security.Cryptography.RSA.Create(2048);
        _provider.OtherKey = other;
        await IsRefusedAsync(null);
        _provider.OtherKey = null;
        foreach (var algorithm in (string[])["none", "HS256", "RS512"])
        {
            _provider.Algorithm = algorithm;
            await IsRefusedAsync(null);
        }
    }

    [Fact]
    public async Task A_clock_that_differs_by_less_than_a_minute_does_no_harm()
    {
        _provider.Tamper = claims =>
        {
            claims["iat"] = _broker.Clock.UnixSeconds - 300;
            claims["exp"] = _broker.Clock.UnixSeconds - 50;
        };
        var begun = await BeginAsync();
        (await ReturnAsync(_provider.Authorize(begun["authorization_url"]!, "1"))).ShouldBeOk();
    }

    [Fact]
    public async Task A_provider_that_cannot_be_asked_is_told_so()
    {
        (await _broker.PostAsync("/v1/auth/oauth2/start", new { provider = "oidc" }))
            .ShouldRefuse(502, "backend_unreachable", "openid_provider_unreachable");

        var begun = await BeginAsync();
        _provider.TokenStatus = 503;
        var page = await ReturnAsync(_provider.Authorize(begun["authorization_url"]!, "1"));
        page.Status.ShouldBe(HttpStatusCode.BadGateway);
        (await PollAsync(begun)).Text.ShouldBe("""{"status":"failed","reason":"openid_provider_unreachable"}""");
    }

    [Fact]
    public async Task A_sign_in_outlives_a_restart_but_not_ten_minutes()
    {
        var (first, second) = (await BeginAsync(), await BeginAsync());
        await _broker.RestartAsync();
        (await ReturnAsync(_provider.Authorize(first["authorization_url"]!, "1"))).ShouldBeOk();
        (await PollAsync(first))["status"].ShouldBe("verified");

        _broker.Clock.Advance(TimeSpan.FromMinutes(10));
        (await ReturnAsync(_provider.Authorize(second["authorization_url"]!, "1")))
            .Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await PollAsync(second)).Text.ShouldBe("""{"status":"failed","reason":"expired"}""");
    }

    [Fact]
    public async Task A_look_ahead_uses_nothing_up_and_half_an_answer_is_a_bad_request()
    {
        var begun = await BeginAsync();
        var answer = _provider.Authorize(begun["authorization_url"]!, "1");
        await _broker.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/auth/oauth2/callback?" + answer));

        foreach (var half in (string[])["", "code=x", "state=x", answer + "&code=y", answer + "&state=y"])
            (await ReturnAsync(half)).Status.ShouldBe(HttpStatusCode.BadRequest, half);
        (await ReturnAsync(answer)).ShouldBeOk();
    }

    [Fact]
    public async Task Where_no_provider_is_offered_the_start_says_so()
    {
        await using var without = await BrokerApp.StartAsync();
        (await without.PostAsync("/v1/auth/oauth2/start", new { provider = "google" }))
            .ShouldRefuse(400, "bad_request", "openid_not_enabled")["message"]!.ShouldContain("oauth2 plugin not enabled");
    }

    private async Task IsRefusedAsync(Action<Dictionary<string, object>>? tamper)
    {
        _provider.Tamper = tamper;
        var begun = await BeginAsync();

        var page = await ReturnAsync(_provider.Authorize(begun["authorization_url"]!, "1"));

        page.Status.ShouldBe(HttpStatusCode.Unauthorized, page.Text);
        var row = _broker.RowOf(page);
        (row.Outcome, row.Kind).ShouldBe(("auth_failed", "session_token"));
        (await PollAsync(begun)).Text.ShouldBe("""{"status":"failed","reason":"openid_answer_invalid"}""");
    }

    private string Secret(string name, string text)
    {
        var path = Path.Combine(_folder.Path, name);
        using var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        file.Write(System.Text.Encoding.ASCII.GetBytes(text));
        return path;
    }

    private async Task<Answer> BeginAsync(string? label = null) => (await _broker.PostAsync(
        "/v1/auth/oauth2/start", new { provider = "google", device_label = label })).ShouldBeOk();

    private Task<Answer> ReturnAsync(string query) => _broker.GetAsync("/auth/oauth2/callback?" + query);

    private async Task<Answer> PollAsync(Answer begun) => (await _broker.GetAsync(begun["poll_url"]!)).ShouldBeOk();
}
