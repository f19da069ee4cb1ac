using Broker.Tests.Hosting;

namespace Broker.Tests.Flows;

/// <summary>
/// The acceptance list's <c>oidc_flow</c>: the issuer as AWS sees it, and tokens as AWS verifies them.
/// </summary>
public sealed class OidcFlowTests(SharedBroker shared) : IClassFixture<SharedBroker>, IDisposable
{
    private readonly BrokerApp _broker = shared.App;
    private readonly Wallet _wallet = new();

    public void Dispose() => _wallet.Dispose();

    [Theory]
    [InlineData("/.well-known/openid-configuration")]
    [InlineData("/.well-known/oauth-authorization-server")]
    public async Task Discovery_has_the_shape_that_aws_reads(string path)
    {
        var document = (await _broker.GetAsync(path)).ShouldBeOk();

        document["issuer"].ShouldBe(BrokerApp.Issuer);
        document["jwks_uri"].ShouldBe(BrokerApp.Issuer + "/.well-known/jwks.json");
        document["response_types_supported"].ShouldBe("""["id_token","code"]""");
        document["subject_types_supported"].ShouldBe("""["public"]""");
        document["id_token_signing_alg_values_supported"].ShouldBe("""["ES256"]""");
        document["claims_supported"]!.ShouldContain("https://aws.amazon.com/tags");
    }

    [Fact]
    public async Task The_key_set_holds_one_p256_key_for_es256_with_a_kid()
    {
        var keys = (await _broker.GetAsync("/.well-known/jwks.json")).ShouldBeOk().Json.GetProperty("keys");

        var key = keys.EnumerateArray().ShouldHaveSingleItem();
        key.GetProperty("kty").GetString().ShouldBe("EC");
        key.GetProperty("crv").GetString().ShouldBe("P-256");
        key.GetProperty("alg").GetString().ShouldBe("ES256");
        key.GetProperty("use").GetString().ShouldBe("sig");
        key.GetProperty("kid").GetString().ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task A_token_verifies_with_the_key_set_and_names_the_sessions_wallet()
    {
        var answer = await _broker.PostAsync("/v1/mint-oidc-jwt", bearer: await _broker.SignInAsync(_wallet));

        var token = Jws.Read(answer, "jwt");
        token.VerifiesWith((await _broker.GetAsync("/.well-known/jwks.json")).Json).ShouldBeTrue();
        token["iss"].ShouldBe(BrokerApp.Issuer);
        token["sub"].ShouldBe($"agentkeys:agent:{_wallet.Address}");
        token["aud"].ShouldBe("sts.amazonaws.com");
        token["agentkeys_user_wallet"].ShouldBe(_wallet.Address);
        answer["wallet"].ShouldBe(_wallet.Address);
        answer.Number("expiration").ShouldBe(_broker.Clock.UnixSeconds + 300);
        var row = _broker.RowOf(answer);
        row.Outcome.ShouldBe("ok");
        row.RequestedRole.ShouldBe("oidc_jwt");
        row.StsSessionName.ShouldBe(token.Header.GetProperty("kid").GetString());
        row.SessionDurationSeconds.ShouldBe(300);
    }

    [Fact]
    public async Task Refuses_a_request_without_a_bearer()
    {
        var answer = await _broker.PostAsync("/v1/mint-oidc-jwt");

        answer.ShouldRefuse(401, "unauthorized", "missing_bearer").Header("WWW-Authenticate").ShouldBe(
            $"Bearer resource_metadata=\"{BrokerApp.Issuer}/.well-known/oauth-protected-resource\"");
        _broker.RowsOf(answer).ShouldBeEmpty();
    }

    [Fact]
    public async Task Refuses_an_invalid_bearer_and_records_auth_failed()
    {
        var answer = await _broker.PostAsync("/v1/mint-oidc-jwt", bearer: "eyJhbGciOiJFUzI1NiJ9.e30.AAAA");

        answer.ShouldRefuse(401, "unauthorized", "invalid_bearer");
        var row = _broker.RowOf(answer);
        row.Outcome.ShouldBe("auth_failed");
        row.RequesterWallet.ShouldBe("unknown");
        row.StsSessionName.ShouldBe("(unauthenticated)");
    }

    [Fact]
    public async Task The_key_pair_and_the_sessions_outlive_a_restart()
    {
        await using var broker = await BrokerApp.StartAsync();
        var session = await broker.SignInAsync(_wallet);
        var before = (await broker.GetAsync("/.well-known/jwks.json")).Text;

        await broker.RestartAsync();

        (await broker.GetAsync("/.well-known/jwks.json")).Text.ShouldBe(before);
        (await broker.PostAsync("/v1/mint-oidc-jwt", bearer: session)).ShouldBeOk();
    }
}
