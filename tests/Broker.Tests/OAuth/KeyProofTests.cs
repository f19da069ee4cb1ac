using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Broker.Tests.Hosting;
using Broker.Tests.People;

namespace Broker.Tests.OAuth;

/// <summary>DPoP (RFC 9449): a session that is bound to a key opens nothing without a new proof by that key.</summary>
public sealed class KeyProofTests : IAsyncLifetime
{
    private const string Mint = "/v1/mint-oidc-jwt";

    private readonly PeoplesBroker _people = new();
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private BrokerApp Broker => _people.App;

    public async Task InitializeAsync() => await _people.InitializeAsync();

    public async Task DisposeAsync()
    {
        _key.Dispose();
        await _people.DisposeAsync();
    }

    [Fact]
    public async Task A_session_is_bound_to_the_key_of_its_proof()
    {
        var answer = await BoundAsync();

        answer["token_type"].ShouldBe("DPoP");
        var token = answer["access_token"]!;
        Jws.Parse(token).Claims.GetProperty("cnf").GetProperty("jkt").GetString().ShouldBe(Thumbprint(_key));
        Broker.RowsOf(answer)[0].Evidence.ShouldContain(Thumbprint(_key));
        (await CallAsync(token, Proof("POST", Mint, token))).ShouldBeOk();
        (await CallAsync(token, Proof("POST", Mint, token))).ShouldBeOk().Header("DPoP-Nonce").ShouldNotBeNull();
    }

    [Fact]
    public async Task Nothing_takes_it_as_a_bearer()
    {
        var token = (await BoundAsync())["access_token"]!;
        var missing = (await Broker.PostAsync(Mint, bearer: token))
            .ShouldRefuse(401, "unauthorized", "dpop_proof_missing");
        missing.Header("WWW-Authenticate")!.ShouldStartWith("DPoP error=\"invalid_token\"");
        missing.Header("WWW-Authenticate")!.ShouldContain("algs=\"ES256\"");
        (await Broker.PostAsync(Mint, bearer: token, headers: ("DPoP", Proof("POST", Mint, token))))
            .ShouldRefuse(401, "unauthorized", "dpop_proof_missing");

        foreach (var (method, path) in Broker.Routes.Where(route => route.Path.StartsWith("/v1/", StringComparison.Ordinal)))
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            if (method == "POST") request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
            var answer = await Broker.SendAsync(request, token);
            answer.Text.ShouldNotContain("eyJ", customMessage: path);
            if (answer.Status == HttpStatusCode.Unauthorized && answer["code"] is { } code)
                code.ShouldBeOneOf(
                    "dpop_proof_missing", "invalid_bearer", "missing_bearer", "link_token_not_valid", "operator_only");
        }

        // The bare token of the container endpoint, and the token in another's place.
        (await Broker.GetAsync("/v1/aws/credentials", ("Authorization", token))).Status
            .ShouldBe(HttpStatusCode.Unauthorized);
        (await Broker.PostFormAsync("/oauth/introspect", token, [("token", token)])).Status
            .ShouldBe(HttpStatusCode.BadRequest);
        (await ExchangeAsync(token, null)).ShouldRefuseAsOAuth(400, "invalid_grant", "dpop_proof_missing");
        (await ExchangeAsync(token, Proof("POST", "/oauth/token", null))).ShouldBeOk();
    }

    [Fact]
    public async Task A_proof_is_good_once_and_for_its_own_request()
    {
        var token = (await BoundAsync())["access_token"]!;
        var proof = Proof("POST", Mint, token);
        (await CallAsync(token, proof)).ShouldBeOk();
        var replayed = (await CallAsync(token, proof)).ShouldRefuse(401, "unauthorized", "dpop_proof_replayed");
        replayed.Header("WWW-Authenticate")!.ShouldStartWith("DPoP error=\"invalid_dpop_proof\"");
        Broker.RowOf(replayed).Outcome.ShouldBe("auth_failed");

        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        foreach (var wrong in (string[])
            [
                Proof("GET", Mint, token), Proof("POST", "/v1/mint-aws-creds", token), Proof("POST", Mint, "another"),
                Proof("POST", Mint, null), Proof("POST", Mint, token, key: other),
                Proof("POST", Mint, token, at: -120), Proof("POST", Mint, token, at: 120),
                Proof("POST", Mint, token, address: $"https://elsewhere.example{Mint}"),
                Proof("POST", Mint, token, address: $"https://user@broker.example.test{Mint}"),
                Proof("POST", Mint, token, type: "jwt"), Proof("POST", Mint, token, algorithm: "none"),
                proof[..^4] + "AAAA", "x.y.z", "", token,
            ])
        {
            var code = (await CallAsync(token, wrong)).ShouldRefuse(
                401, "unauthorized", wrong.Length == 0 ? "dpop_proof_missing" : "dpop_proof_not_valid");
            code.ShouldHoldNoCredential(Broker.Sts);
        }

        (await CallAsync(token, Proof("POST", Mint, token, address: $"{BrokerApp.Issuer}{Mint}?x=1#y"))).ShouldBeOk();
    }

    [Fact]
    public async Task A_wrong_nonce_is_refused_with_the_right_one()
    {
        var token = (await BoundAsync())["access_token"]!;
        var wrong = (await CallAsync(token, Proof("POST", Mint, token, nonce: "wrong")))
            .ShouldRefuse(401, "unauthorized", "dpop_nonce_not_valid");
        wrong.Header("WWW-Authenticate")!.ShouldStartWith("DPoP error=\"use_dpop_nonce\"");
        var nonce = wrong.Header("DPoP-Nonce")!;
        (await CallAsync(token, Proof("POST", Mint, token, nonce: nonce))).ShouldBeOk();
        Broker.Clock.Advance(TimeSpan.FromMinutes(10));
        (await CallAsync(token, Proof("POST", Mint, token, nonce: nonce)))
            .ShouldRefuse(401, "unauthorized", "dpop_nonce_not_valid");

        var atToken = (await BoundAsync(Proof("POST", "/oauth/token", null, nonce: "wrong")))
            .ShouldRefuseAsOAuth(400, "use_dpop_nonce", "dpop_nonce_not_valid");
        atToken.Header("DPoP-Nonce").ShouldNotBeNullOrEmpty();
        (await BoundAsync("not a proof")).ShouldRefuseAsOAuth(400, "invalid_dpop_proof", "dpop_proof_not_valid");
    }

    /// <summary>Proofs that were used are forgotten at a restart; those from before are then worth nothing.</summary>
    [Fact]
    public async Task A_proof_from_before_a_restart_is_worth_nothing()
    {
        var token = (await BoundAsync())["access_token"]!;
        var proof = Proof("POST", Mint, token);
        (await CallAsync(token, proof)).ShouldBeOk();
        Broker.Clock.Advance(TimeSpan.FromSeconds(5));
        await Broker.RestartAsync();

        var again = (await CallAsync(token, proof)).ShouldRefuse(401, "unauthorized", "dpop_nonce_not_valid");

        (await CallAsync(token, Proof("POST", Mint, token, nonce: again.Header("DPoP-Nonce")))).ShouldBeOk();
        (await CallAsync(token, Proof("POST", Mint, token))).ShouldBeOk();
    }

    [Fact]
    public async Task A_refresh_token_of_a_public_client_is_bound_too()
    {
        var begun = await _people.BeginAsync(("scope", "offline_access"));
        var approver = await Broker.SignInAsync(_people.Wallet);
        (await _people.DecideAsync(approver, begun["user_code"]!, "approve")).ShouldBeOk();
        var first = (await PostAsync("/oauth/token", Proof("POST", "/oauth/token", null),
            ("grant_type", PeoplesBroker.Device), ("client_id", "cli"), ("device_code", begun["device_code"]!)))
            .ShouldBeOk();
        (string, string)[] refresh =
            [("grant_type", "refresh_token"), ("client_id", "cli"), ("refresh_token", first["refresh_token"]!)];
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        (await PostAsync("/oauth/token", null, refresh))
            .ShouldRefuseAsOAuth(400, "invalid_grant", "oauth_invalid_grant");
        (await PostAsync("/oauth/token", Proof("POST", "/oauth/token", null, key: other), refresh))
            .ShouldRefuseAsOAuth(400, "invalid_grant", "oauth_invalid_grant");

        // Those attempts did not use it up.
        var second = (await PostAsync("/oauth/token", Proof("POST", "/oauth/token", null), refresh)).ShouldBeOk();
        second["token_type"].ShouldBe("DPoP");
        var token = second["access_token"]!;
        (await CallAsync(token, Proof("POST", Mint, token))).ShouldBeOk();
    }

    /// <summary>RFC 9449 §10: whoever steals the code lacks the key.</summary>
    [Fact]
    public async Task A_code_may_be_bound_to_a_key()
    {
        var person = new PersonBrowser(Broker);
        await person.SignInByMailAsync(Broker);
        var consent = await person.OpenAsync(PeoplesBroker.AuthorizeAddress(("dpop_jkt", Thumbprint(_key))));
        await person.OpenAsync(consent.Header("Location")![2..]);
        var back = PeoplesBroker.AnswerOf(await person.SendAsync(
            "/oauth/consent", ("request", consent.Header("Location")!.Split('=')[1]), ("decision", "approve")));

        (await _people.RedeemAsync(back["code"])).ShouldRefuseAsOAuth(400, "invalid_grant", "oauth_invalid_grant");
        (await PostAsync("/oauth/token", Proof("POST", "/oauth/token", null),
            ("grant_type", "authorization_code"), ("client_id", "cli"), ("code", back["code"]),
            ("redirect_uri", PeoplesBroker.Callback), ("code_verifier", PeoplesBroker.Verifier))).ShouldBeOk();
    }

    [Fact]
    public async Task A_token_that_is_not_bound_is_no_token_with_a_proof()
    {
        var token = await Broker.SignInAsync(_people.Wallet);
        (await CallAsync(token, Proof("POST", Mint, token))).ShouldRefuse(401, "unauthorized", "invalid_bearer");
    }

    private static string Thumbprint(ECDsa key)
    {
        var point = key.ExportParameters(false).Q;
        var canonical = $$"""{"crv":"P-256","kty":"EC","x":"{{Base64Url.EncodeToString(point.X)}}","y":"{{Base64Url.EncodeToString(point.Y)}}"}""";
        return Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(canonical)));
    }

    private string Proof(
        string method, string path, string? token, ECDsa? key = null, long at = 0, string? nonce = null,
        string? address = null, string type = "dpop+jwt", string algorithm = "ES256")
    {
        key ??= _key;
        var point = key.ExportParameters(false).Q;
        var header = JsonSerializer.Serialize(new
        {
            typ = type,
            alg = algorithm,
            jwk = new
            {
                kty = "EC",
                crv = "P-256",
                x = Base64Url.EncodeToString(point.X),
                y = Base64Url.EncodeToString(point.Y),
            },
        });
        var claims = new Dictionary<string, object>
        {
            ["jti"] = RandomNumberGenerator.GetHexString(24),
            ["htm"] = method,
            ["htu"] = address ?? BrokerApp.Issuer + path,
            ["iat"] = Broker.Clock.UnixSeconds + at,
        };
        if (token is not null) claims["ath"] = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(token)));
        if (nonce is not null) claims["nonce"] = nonce;
        return Jws.Sign(header, JsonSerializer.Serialize(claims), key);
    }

    private async Task<Answer> BoundAsync(string? proof = null)
    {
        var message = (await Broker.ChallengeAsync(_people.Wallet.Address))["siwe_message"]!;
        return await PostAsync("/oauth/token", proof ?? Proof("POST", "/oauth/token", null),
            ("grant_type", TestClient.WalletGrant), ("assertion", message), ("signature", _people.Wallet.Sign(message)));
    }

    private Task<Answer> ExchangeAsync(string token, string? proof) => PostAsync(
        "/oauth/token", proof, ("grant_type", TestClient.TokenExchange), ("subject_token", token),
        ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"), ("audience", "sts.amazonaws.com"));

    private Task<Answer> CallAsync(string token, string proof) => Broker.PostAsync(
        Mint, headers: proof.Length == 0
            ? [("Authorization", $"DPoP {token}")]
            : [("Authorization", $"DPoP {token}"), ("DPoP", proof)]);

    private async Task<Answer> PostAsync(string path, string? proof, params (string Name, string Value)[] form)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new FormUrlEncodedContent(form.Select(one => KeyValuePair.Create(one.Name, one.Value))),
        };
        return await Broker.SendAsync(request, null, proof is null ? [] : [("DPoP", proof)]);
    }
}
