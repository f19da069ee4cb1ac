using System.Security.Cryptography;
using System.Text;
using Broker.Tests.Hosting;

namespace Broker.Tests.OAuth;

/// <summary><c>POST /oauth/token</c>: what each grant gives, and what it refuses.</summary>
public sealed class GrantTests(OAuthBroker oauth) : IClassFixture<OAuthBroker>
{
    private readonly BrokerApp _broker = oauth.App;

    public static TheoryData<string> EveryGrant => OAuthBroker.EveryGrant;

    [Theory]
    [MemberData(nameof(EveryGrant))]
    public async Task A_token_of_any_grant_is_on_record_under_its_jti(string grant)
    {
        var answer = (await (await oauth.PrepareAsync(grant))()).ShouldBeOk();

        answer.Header("Cache-Control").ShouldBe("no-store");
        var row = _broker.RowOf(answer);
        var token = Jws.Read(answer, "access_token");
        token["jti"].ShouldBe(row.RecordId);
        token["sub"].ShouldBe(row.Subject);
        long.Parse(token["exp"]!).ShouldBe(row.ExpiresAt);
        row.Outcome.ShouldBe("ok");
        answer.Number("expires_in").ShouldBe(long.Parse(token["exp"]!) - long.Parse(token["iat"]!));
    }

    [Fact]
    public async Task A_client_gets_a_session_of_its_own_actor()
    {
        var answer = (await (await oauth.PrepareAsync(TestClient.ClientCredentials))()).ShouldBeOk();

        answer["token_type"].ShouldBe("Bearer");
        var session = Jws.Read(answer, "access_token");
        session.Header.GetProperty("typ").GetString().ShouldBe("at+jwt");
        var who = session.Claims.GetProperty("agentkeys");
        who.GetProperty("identity_type").GetString().ShouldBe("oauth_client");
        who.GetProperty("identity_value").GetString().ShouldBe("mailer");
        who.GetProperty("wallet_address").GetString().ShouldBe("");
        who.GetProperty("omni_account").GetString().ShouldBe(Omni("mailer"));
        _broker.RowOf(answer).OutcomeDetail.ShouldBe("client_credentials");

        // It mints with it as anybody does, in its own name.
        var minted = (await _broker.PostAsync("/v1/mint-oidc-jwt", bearer: answer["access_token"])).ShouldBeOk();
        Jws.Read(minted, "jwt")["agentkeys_actor_omni"].ShouldBe(Omni("mailer"));
    }

    [Fact]
    public async Task A_wallets_signature_gets_the_session_that_a_sign_in_gets()
    {
        var signedIn = Jws.Parse(await _broker.SignInAsync(oauth.Wallet));

        var answer = (await (await oauth.PrepareAsync(TestClient.WalletGrant))()).ShouldBeOk();

        var session = Jws.Read(answer, "access_token");
        session.Header.ToString().ShouldBe(signedIn.Header.ToString());
        session.Claims.EnumerateObject().Select(claim => claim.Name)
            .ShouldBe(signedIn.Claims.EnumerateObject().Select(claim => claim.Name));
        session["agentkeys"].ShouldBe(signedIn["agentkeys"]);
        (await _broker.PostAsync("/v1/mint-aws-creds", bearer: answer["access_token"])).ShouldBeOk();
    }

    [Fact]
    public async Task An_exchanged_session_gives_the_token_that_aws_takes()
    {
        var session = await _broker.SignInAsync(oauth.Wallet);
        var minted = Jws.Read(await _broker.PostAsync("/v1/mint-oidc-jwt", bearer: session), "jwt");

        var answer = (await oauth.ExchangeAsync(session)).ShouldBeOk();

        answer["issued_token_type"].ShouldBe("urn:ietf:params:oauth:token-type:id_token");
        answer["token_type"].ShouldBe("N_A");
        answer.Number("expires_in").ShouldBe(300);
        var token = Jws.Read(answer, "access_token");
        token.VerifiesWith((await _broker.GetAsync("/.well-known/jwks.json")).Json).ShouldBeTrue();
        token.Header.ToString().ShouldBe(minted.Header.ToString());
        token["aud"].ShouldBe("sts.amazonaws.com");
        token.Claims.EnumerateObject().Select(claim => claim.Name)
            .ShouldBe(minted.Claims.EnumerateObject().Select(claim => claim.Name));
    }

    [Fact]
    public async Task An_exchange_passes_every_release_check()
    {
        var session = await _broker.SignInAsync(oauth.Wallet);

        var pinned = (await oauth.ExchangeAsync(session, ("role", "vault"), ("ttl_seconds", "60"))).ShouldBeOk();
        Jws.Read(pinned, "access_token").Claims.GetProperty("https://aws.amazon.com/roles")[0].GetString()
            .ShouldBe(BrokerApp.VaultRole);
        pinned.Number("expires_in").ShouldBe(60);
        (await oauth.ExchangeAsync(session, ("role", "none")))
            .ShouldRefuseAsOAuth(400, "invalid_request", "role_not_in_catalogue");
        (await oauth.ExchangeAsync(session, ("ttl_seconds", "3601")))
            .ShouldRefuseAsOAuth(400, "invalid_request", "lifetime_out_of_bounds");
        (await oauth.ExchangeAsync(session, ("ttl_seconds", "-1")))
            .ShouldRefuseAsOAuth(400, "invalid_request", "invalid_field");
    }

    [Theory]
    [InlineData("audience", "https://another.example", "invalid_target", "oauth_invalid_target")]
    [InlineData("audience", null, "invalid_target", "oauth_invalid_target")]
    [InlineData("subject_token_type", "urn:ietf:params:oauth:token-type:jwt", "invalid_grant", "foreign_token_invalid")]
    [InlineData("subject_token_type", "urn:ietf:params:oauth:token-type:saml2", "invalid_request", "oauth_invalid_request")]
    [InlineData("subject_token", "opaque", "invalid_grant", "invalid_bearer")]
    [InlineData("grant_type", "password", "unsupported_grant_type", "oauth_unsupported_grant")]
    [InlineData("grant_type", null, "invalid_request", "oauth_invalid_request")]
    [InlineData("client_id", "mailer", "invalid_client", "oauth_invalid_client")]
    [InlineData("client_id", "nobody", "invalid_client", "oauth_invalid_client")]
    [InlineData("resource", "https://other.example", "invalid_target", "oauth_invalid_target")]
    public async Task Refuses_an_exchange_with_another(string name, string? value, string error, string code)
    {
        var form = new Dictionary<string, string>
        {
            ["grant_type"] = TestClient.TokenExchange,
            ["subject_token"] = await _broker.SignInAsync(oauth.Wallet),
            ["subject_token_type"] = "urn:ietf:params:oauth:token-type:access_token",
            ["audience"] = "sts.amazonaws.com",
        };
        form.Remove(name);
        if (value is not null) form[name] = value;

        var answer = await oauth.PostFormAsync("/oauth/token", [.. form.Select(one => (one.Key, one.Value))]);

        answer.ShouldRefuseAsOAuth(code == "oauth_invalid_client" ? 401 : 400, error, code);
        _broker.RowsOf(answer).ShouldNotContain(row => row.Outcome == "ok");
    }

    [Fact]
    public async Task An_ended_session_and_an_oidc_token_are_exchanged_for_nothing()
    {
        var session = await _broker.SignInAsync(oauth.Wallet);
        var token = (await oauth.ExchangeAsync(session)).ShouldBeOk()["access_token"]!;
        (await _broker.PostAsync("/v1/auth/session/end", bearer: session)).ShouldBe204();

        (await oauth.ExchangeAsync(session)).ShouldRefuseAsOAuth(400, "invalid_grant", "session_revoked");
        (await oauth.ExchangeAsync(token)).ShouldRefuseAsOAuth(400, "invalid_grant", "invalid_bearer");
    }

    [Fact]
    public async Task A_message_that_was_used_is_refused_and_so_is_another_wallets_signature()
    {
        var message = (await _broker.ChallengeAsync(oauth.Wallet.Address))["siwe_message"]!;
        (string, string)[] form =
        [
            ("grant_type", TestClient.WalletGrant), ("assertion", message), ("signature", oauth.Wallet.Sign(message)),
        ];
        (await oauth.PostFormAsync("/oauth/token", form)).ShouldBeOk();

        (await oauth.PostFormAsync("/oauth/token", form))
            .ShouldRefuseAsOAuth(400, "invalid_grant", "unknown_challenge");

        using var other = new Wallet();
        var another = (await _broker.ChallengeAsync(oauth.Wallet.Address))["siwe_message"]!;
        var refused = await oauth.PostFormAsync(
            "/oauth/token", ("grant_type", TestClient.WalletGrant), ("assertion", another),
            ("signature", other.Sign(another)));
        refused.ShouldRefuseAsOAuth(400, "invalid_grant", "signature_mismatch");
        _broker.RowOf(refused).Outcome.ShouldBe("auth_failed");
        (await oauth.PostFormAsync("/oauth/token", ("grant_type", TestClient.WalletGrant), ("assertion", another)))
            .ShouldRefuseAsOAuth(400, "invalid_request", "oauth_invalid_request");
    }

    [Theory]
    [InlineData("grant_type=client_credentials&grant_type=client_credentials", "application/x-www-form-urlencoded", 400)]
    [InlineData("grant_type=", "application/x-www-form-urlencoded", 400)]
    [InlineData("", "application/x-www-form-urlencoded", 400)]
    [InlineData("{}", "application/json", 415)]
    [InlineData("--x--", "multipart/form-data; boundary=x", 415)]
    public async Task Refuses_a_body_that_is_no_form_of_single_parameters(string body, string type, int status)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/oauth/token") { Content = new StringContent(body) };
        request.Content.Headers.ContentType = System.Net.Http.Headers.MediaTypeHeaderValue.Parse(type);

        (await _broker.SendAsync(request)).ShouldRefuseAsOAuth(
            status, "invalid_request", status == 415 ? "unsupported_media_type" : "oauth_invalid_request");
    }

    [Fact]
    public async Task A_mint_that_must_be_signed_is_exchanged_with_the_signed_form_only()
    {
        var strict = new OAuthBroker();
        await strict.StartAsync(("BROKER_REQUIRE_SIGNED_MINT", "true"));
        try
        {
            var session = await strict.App.SignInAsync(strict.Wallet);
            (await strict.ExchangeAsync(session))
                .ShouldRefuseAsOAuth(400, "invalid_request", "signature_required");

            var body = SignedMintBody.Signed(strict.Wallet, strict.App.Clock.Now).ToJsonString();
            var answer = (await strict.ExchangeAsync(session, ("mint_request", body))).ShouldBeOk();
            strict.App.RowOf(answer).RequestHash.Length.ShouldBe(64);
            (await strict.ExchangeAsync(session, ("mint_request", body)))
                .ShouldRefuseAsOAuth(400, "invalid_grant", "signed_request_replayed");
        }
        finally
        {
            await strict.DisposeAsync();
        }
    }

    private static string Omni(string client) => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes("agentkeys" + "oauth_client" + client)));
}
