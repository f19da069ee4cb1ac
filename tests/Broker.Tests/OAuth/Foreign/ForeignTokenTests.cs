using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Broker.Tests.Hosting;

namespace Broker.Tests.OAuth.Foreign;

/// <summary>Tokens of a foreign issuer at <c>POST /oauth/token</c>: what they give, and which give nothing.</summary>
public sealed class ForeignTokenTests(ForeignBroker foreign) : IClassFixture<ForeignBroker>
{
    private readonly BrokerApp _broker = foreign.App;
    private readonly IssuerPeer _peer = foreign.Peer;

    [Theory]
    [InlineData(ForeignBroker.Jwt)]
    [InlineData(ForeignBroker.IdToken)]
    public async Task A_foreign_token_gives_a_session_that_mints_what_its_rule_allows(string type)
    {
        var token = foreign.Token();
        var answer = (await _broker.PostFormAsync(
            "/oauth/token", ("grant_type", TestClient.TokenExchange), ("subject_token", token),
            ("subject_token_type", type))).ShouldBeOk();

        answer["issued_token_type"].ShouldBe(ForeignBroker.AccessToken);
        answer["token_type"].ShouldBe("Bearer");
        answer.Number("expires_in").ShouldBe(3600);
        var who = Jws.Read(answer, "access_token").Claims.GetProperty("agentkeys");
        var value = $"{_peer.Issuer}#job-1";
        who.GetProperty("identity_type").GetString().ShouldBe("workload");
        who.GetProperty("identity_value").GetString().ShouldBe(value);
        who.GetProperty("omni_account").GetString().ShouldBe(
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("agentkeys" + "workload" + value))));
        who.GetProperty("rule").GetString().ShouldBe("jobs");
        var row = _broker.RowOf(answer);
        (row.Kind, row.Outcome, row.OutcomeDetail).ShouldBe(("session_token", "ok", "foreign_token"));
        row.RequesterToken.ShouldContain(Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(token))));
        ForeignBroker.EvidenceOf(row).ToString().ShouldBe(
            $$"""{"foreign_issuer":"{{_peer.Issuer}}","foreign_rule":"jobs","foreign_subject":"job-1"}""");

        var session = answer["access_token"];
        var minted = await _broker.PostRawAsync("/v1/mint-aws-creds", """{"role":"vault"}""", session);
        minted.ShouldBeOk();
        ForeignBroker.EvidenceOf(_broker.RowOf(minted)).GetProperty("foreign_subject").GetString().ShouldBe("job-1");
        (await _broker.PostRawAsync("/v1/mint-aws-creds", """{"role":"data"}""", session))
            .ShouldRefuse(403, "forbidden", "foreign_not_of_rule");
        (await _broker.PostRawAsync("/v1/mint-oidc-jwt", "{}", session)).ShouldRefuse(403, "forbidden", "foreign_not_of_rule");
    }

    [Fact]
    public async Task A_foreign_token_gives_the_token_that_aws_takes_pinned_to_the_rules_role()
    {
        var answer = (await foreign.ForAwsAsync(foreign.Token(), ("ttl_seconds", "120"))).ShouldBeOk();

        answer["issued_token_type"].ShouldBe(ForeignBroker.Jwt);
        answer["token_type"].ShouldBe("N_A");
        answer.Number("expires_in").ShouldBe(120);
        var token = Jws.Read(answer, "access_token");
        token.VerifiesWith((await _broker.GetAsync("/.well-known/jwks.json")).Json).ShouldBeTrue();
        token["aud"].ShouldBe("sts.amazonaws.com");
        token.Claims.GetProperty("https://aws.amazon.com/roles")[0].GetString().ShouldBe(BrokerApp.VaultRole);
        var row = _broker.RowOf(answer);
        row.Kind.ShouldBe("oidc_token");
        token["jti"].ShouldBe(row.RecordId);
        token["sub"].ShouldBe($"agentkeys:agent:{row.ActorOmni}");
        ForeignBroker.EvidenceOf(row).GetProperty("foreign_rule").GetString().ShouldBe("jobs");

        (await foreign.ForAwsAsync(foreign.Token(), ("role", "data")))
            .ShouldRefuseAsOAuth(400, "invalid_grant", "foreign_not_of_rule");
    }

    [Fact]
    public async Task A_token_with_a_jti_is_good_once_and_one_that_got_nothing_may_be_sent_again()
    {
        var token = foreign.Token();
        (await foreign.ForAwsAsync(token, ("role", "data"))).Status.ShouldBe(System.Net.HttpStatusCode.BadRequest);
        (await foreign.ForAwsAsync(token)).ShouldBeOk();

        var again = await foreign.ForAwsAsync(token);
        again.ShouldRefuseAsOAuth(400, "invalid_grant", "foreign_token_replayed");
        _broker.RowOf(again).Outcome.ShouldBe("auth_failed");
        (await foreign.ExchangeAsync(token)).ShouldRefuseAsOAuth(400, "invalid_grant", "foreign_token_replayed");

        // Without an id nothing tells it from another one.
        var nameless = foreign.Token(("jti", null));
        (await foreign.ForAwsAsync(nameless)).ShouldBeOk();
        (await foreign.ForAwsAsync(nameless)).ShouldBeOk();
    }

    public static TheoryData<string, string?> WrongClaims => new()
    {
        { "iss", "\"https://elsewhere.example\"" }, { "iss", null }, { "iss", "\"SLASH\"" }, { "iss", "[\"PEER\"]" },
        { "aud", "\"https://elsewhere.example\"" }, { "aud", null }, { "aud", "[]" }, { "aud", "{}" },
        { "aud", "\"https://broker.example.test/\"" },
        { "exp", null }, { "exp", "\"1\"" }, { "exp", "-61" }, { "exp", "3661" }, { "exp", "1e300" },
        { "iat", "61" }, { "iat", "\"1\"" }, { "iat", "-3400" }, { "nbf", "61" }, { "nbf", "{}" },
        { "sub", null }, { "sub", "7" }, { "sub", "\"\"" }, { "sub", "\"job-\"" }, { "sub", "\"other\"" },
        { "jti", "7" }, { "jti", "\"\"" },
    };

    /// <summary>Times are seconds from now.</summary>
    [Theory]
    [MemberData(nameof(WrongClaims))]
    public async Task Refuses_a_token_with_another(string claim, string? value)
    {
        var node = value is null ? null : JsonNode.Parse(value
            .Replace("SLASH", _peer.Issuer + "/", StringComparison.Ordinal)
            .Replace("PEER", _peer.Issuer, StringComparison.Ordinal));
        if (claim is "exp" or "iat" or "nbf" && node is JsonValue number && number.TryGetValue<int>(out var offset))
            node = _broker.Clock.UnixSeconds + offset;

        var answer = await foreign.ExchangeAsync(foreign.Token((claim, node)));

        answer.ShouldRefuseAsOAuth(400, "invalid_grant", (claim, value) switch
        {
            ("iss", _) => "foreign_issuer_unknown",
            ("exp", "-61") => "foreign_token_expired",
            ("sub", "\"job-\"" or "\"other\"") => "foreign_no_rule",
            _ => "foreign_token_invalid",
        });
        var row = _broker.RowOf(answer);
        row.Outcome.ShouldBe(claim == "sub" && value is "\"job-\"" or "\"other\"" ? "denied" : "auth_failed");
        row.Kind.ShouldBe("session_token");
    }

    [Fact]
    public async Task Takes_what_is_within_the_clocks_skew_and_several_audiences()
    {
        var now = _broker.Clock.UnixSeconds;
        (await foreign.ExchangeAsync(foreign.Token(
            ("iat", now + 59), ("nbf", now + 59), ("aud", new JsonArray("https://other.example", BrokerApp.Issuer)))))
            .ShouldBeOk();
        (await foreign.ExchangeAsync(foreign.Token(("iat", now - 300), ("exp", now - 59)))).ShouldBeOk();
        (await foreign.ExchangeAsync(foreign.Token(("iat", null), ("nbf", null), ("exp", now + 3600)))).ShouldBeOk();
    }

    [Fact]
    public async Task The_slash_at_the_end_of_an_issuer_is_told()
    {
        var answer = await foreign.ExchangeAsync(foreign.Token(("iss", _peer.Issuer + "/")));

        answer["error_description"]!.ShouldContain("differ by a slash");
    }

    public static TheoryData<string> Forgeries =>
    [
        "none", "hmac-with-public-key", "other-key", "unknown-kid", "no-signature", "rs256-header", "crit", "at+jwt",
        "duplicate-claim", "duplicate-header", "not-json", "two-parts", "jwk-in-header", "changed-claims", "long",
    ];

    [Theory]
    [MemberData(nameof(Forgeries))]
    public async Task Refuses_a_forged_token(string how)
    {
        var claims = _peer.Claims(_broker.Clock.Now);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var right = _peer.SignEs256(claims).Split('.');
        var token = how switch
        {
            "none" => $"{Jws.Encode("""{"alg":"none"}""")}.{right[1]}.",
            "hmac-with-public-key" => Hmac(claims),
            "other-key" => _peer.SignEs256(claims, key: other),
            "unknown-kid" => _peer.SignEs256(claims, """{"alg":"ES256","kid":"another"}"""),
            "no-signature" => $"{right[0]}.{right[1]}.AA",
            "rs256-header" => _peer.SignEs256(claims, $$"""{"alg":"RS256","kid":"{{_peer.KeyIds.Ec}}"}"""),
            "crit" => _peer.SignEs256(claims, """{"alg":"ES256","kid":"ec-1","crit":["b64"],"b64":true}"""),
            "at+jwt" => _peer.SignEs256(claims, """{"alg":"ES256","kid":"ec-1","typ":"at+jwt"}"""),
            "duplicate-claim" => Jws.Sign("""{"alg":"ES256","kid":"ec-1"}""",
                claims.ToJsonString().Insert(1, "\"sub\":\"job-2\","), _peer.Ec),
            "duplicate-header" => _peer.SignEs256(claims, """{"alg":"none","alg":"ES256","kid":"ec-1"}"""),
            "not-json" => Jws.Sign("""{"alg":"ES256","kid":"ec-1"}""", "sub=job-1", _peer.Ec),
            "two-parts" => $"{right[0]}.{right[1]}",
            "jwk-in-header" => _peer.SignEs256(claims, """{"alg":"ES256","jwk":{"kty":"EC","crv":"P-256"}}""", other),
            "changed-claims" => $"{right[0]}.{Jws.Encode(claims.ToJsonString().Replace("job-1", "job-2", StringComparison.Ordinal))}.{right[2]}",
            _ => _peer.SignEs256(_peer.Claims(_broker.Clock.Now, ("more", new string('a', 9000)))),
        };

        var answer = await foreign.ExchangeAsync(token);

        answer.ShouldRefuseAsOAuth(400, "invalid_grant",
            how == "long" ? "missing_bearer" : "foreign_token_invalid");
        _broker.RowsOf(answer).ShouldNotContain(row => row.Outcome == "ok");
    }

    [Theory]
    [InlineData("audience", "https://elsewhere.example", "invalid_target", "oauth_invalid_target")]
    [InlineData("audience", "sts.amazonaws.com", "invalid_target", "oauth_invalid_target")]
    [InlineData("resource", "https://elsewhere.example", "invalid_target", "oauth_invalid_target")]
    [InlineData("role", "vault", "invalid_request", "invalid_field")]
    [InlineData("mint_request", "{}", "invalid_request", "invalid_field")]
    [InlineData("ttl_seconds", "59", "invalid_request", "lifetime_out_of_bounds")]
    [InlineData("ttl_seconds", "3601", "invalid_request", "lifetime_out_of_bounds")]
    [InlineData("client_id", "nobody", "invalid_client", "oauth_invalid_client")]
    [InlineData("requested_token_type", "urn:ietf:params:oauth:token-type:refresh_token", "invalid_request", "oauth_invalid_request")]
    public async Task Refuses_to_give_a_session_with(string name, string value, string error, string code)
    {
        (string, string)[] form = [(name, value)];
        if (name != "requested_token_type") form = [.. form, ("requested_token_type", ForeignBroker.AccessToken)];
        (await foreign.ExchangeAsync(foreign.Token(), form))
            .ShouldRefuseAsOAuth(code == "oauth_invalid_client" ? 401 : 400, error, code);
    }

    [Fact]
    public async Task A_workloads_session_makes_nothing_that_outlives_its_rule()
    {
        var session = (await foreign.ExchangeAsync(foreign.Token())).ShouldBeOk()["access_token"]!;

        foreach (var (path, body) in new[]
            {
                ("/v1/agent/create", """{"label":"a"}"""),
                ("/v1/grant/create", """{"daemon_address":"0x1234","service":"s3","expires_at":1999999999,"max_uses":1}"""),
                ("/v1/identity/link", """{"identity_token":"x"}"""),
            })
        {
            (await _broker.PostRawAsync(path, body, session)).ShouldRefuse(403, "forbidden", "not_a_master");
        }

        (await _broker.PostRawAsync("/v1/auth/device/decision", """{"user_code":"BCDF-GHJK","decision":"approve"}""", session))
            .ShouldRefuse(403, "forbidden", "not_for_clients");
        var other = await _broker.SignInAsync(new Wallet());
        (await _broker.PostRawAsync("/v1/identity/link", $$"""{"identity_token":"{{session}}"}""", other))
            .Text.ShouldContain("workloads");
        (await _broker.PostAsync("/v1/auth/session/end", bearer: session)).ShouldBe204();
        (await _broker.PostRawAsync("/v1/mint-aws-creds", """{"role":"vault"}""", session))
            .ShouldRefuse(401, "unauthorized", "session_revoked");
    }

    [Fact]
    public async Task Without_a_file_no_foreign_token_is_taken()
    {
        await using var plain = await BrokerApp.StartAsync();

        (await plain.PostFormAsync(
            "/oauth/token", ("grant_type", TestClient.TokenExchange), ("subject_token", foreign.Token()),
            ("subject_token_type", ForeignBroker.Jwt)))
            .ShouldRefuseAsOAuth(400, "invalid_grant", "foreign_issuer_unknown");
    }

    private string Hmac(JsonObject claims)
    {
        var signed = $"{Jws.Encode("""{"alg":"HS256","kid":"ec-1"}""")}.{Jws.Encode(claims.ToJsonString())}";
        var key = Encoding.ASCII.GetBytes(_peer.Ec.ExportSubjectPublicKeyInfoPem());
        return $"{signed}.{System.Buffers.Text.Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(signed)))}";
    }
}
