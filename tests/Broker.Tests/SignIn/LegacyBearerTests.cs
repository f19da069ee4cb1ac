using Broker.Tests.Hosting;

namespace Broker.Tests.SignIn;

/// <summary>
/// Bearers of the first broker, which only the backend can judge (contract §9): each way in which it fails to.
/// </summary>
public sealed class LegacyBearerTests : IAsyncLifetime
{
    private readonly Wallet _wallet = new();
    private LegacyBackendPeer _backend = null!;
    private BrokerApp _broker = null!;

    /// <summary>What the backend says, and what the caller and the ledger then read.</summary>
    public static TheoryData<int, string, string> Failures => new()
    {
        { 500, "oops", "backend returned 500" },
        { 403, "{}", "backend returned 403" },
        { 204, "", "backend returned 204" },
        { 302, "", "backend returned 302" },
        { 200, "<html>", "parse validate response" },
        { 200, "", "parse validate response" },
        { 200, "{}", "validate response missing wallet field" },
        { 200, "[]", "validate response missing wallet field" },
        { 200, """{"wallet":null}""", "validate response missing wallet field" },
        { 200, """{"wallet":7}""", "validate response missing wallet field" },
        { 200, """{"wallet":"0x12"}""", "validate response has a malformed wallet" },
        { 200, """{"wallet":"\ud800"}""", "parse validate response" },
    };

    public static TheoryData<string> EveryRoute => ["/v1/mint-oidc-jwt", "/v1/mint-aws-creds", "/v1/auth/exchange"];

    public async Task InitializeAsync()
    {
        _backend = new LegacyBackendPeer();
        _broker =
            await BrokerApp.StartAsync(("BROKER_BACKEND_URL", _backend.Url), ("BROKER_BACKEND_TIMEOUT_SECONDS", "4"));
    }

    public async Task DisposeAsync()
    {
        await _broker.DisposeAsync();
        _backend.Dispose();
        _wallet.Dispose();
    }

    [Theory]
    [MemberData(nameof(EveryRoute))]
    public async Task Lets_in_whom_the_backend_vouches_for(string route)
    {
        var answer = (await _broker.PostAsync(route, bearer: _backend.Admit(_wallet.ChecksummedAddress))).ShouldBeOk();

        var row = _broker.RowOf(answer);
        row.Outcome.ShouldBe("ok");
        row.RequesterWallet.ShouldBe(_wallet.Address);
        row.ActorOmni.ShouldBe(_wallet.Omni);
        row.RequesterToken.Length.ShouldBe(64);
    }

    [Fact]
    public async Task Gives_a_session_for_a_legacy_bearer_that_works_without_the_backend()
    {
        var answer = (await _broker.PostAsync("/v1/auth/exchange", bearer: _backend.Admit(_wallet.Address)))
            .ShouldBeOk();
        var asked = _backend.Validations;

        answer.Number("expires_at").ShouldBe(_broker.Clock.UnixSeconds + 18_000);
        (await _broker.PostAsync("/v1/mint-oidc-jwt", bearer: answer["session_jwt"])).ShouldBeOk()["wallet"]
            .ShouldBe(_wallet.Address);
        _backend.Validations.ShouldBe(asked);
    }

    [Fact]
    public async Task Does_not_exchange_a_session_for_a_session() =>
        (await _broker.PostAsync("/v1/auth/exchange", bearer: await _broker.SignInAsync(_wallet)))
            .ShouldRefuse(401, "unauthorized", "invalid_bearer");

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task A_backend_that_cannot_say_is_502_and_backend_error(int status, string body, string why)
    {
        _backend.Say(status, body);

        var answer = await _broker.PostAsync("/v1/mint-aws-creds", bearer: "whoever");

        answer.ShouldRefuse(502, "backend_unreachable", "backend_unreachable")["message"]!.ShouldContain(why);
        var row = _broker.RowOf(answer);
        row.Outcome.ShouldBe("backend_error");
        row.OutcomeDetail!.ShouldContain(why);
        row.RequesterWallet.ShouldBe("unknown");
        _broker.Sts.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_backend_that_does_not_answer_is_502_in_time()
    {
        _backend.FallSilent();

        (await _broker.PostAsync("/v1/mint-oidc-jwt", bearer: "whoever"))
            .ShouldRefuse(502, "backend_unreachable", "backend_unreachable")["message"]!
                .ShouldContain("did not answer in time");
    }

    [Fact]
    public async Task A_backend_that_does_not_stop_talking_is_cut_off()
    {
        _backend.Say(200, $$"""{"wallet":"{{_wallet.Address}}","padding":"{{new string('x', 70_000)}}"}""");

        (await _broker.PostAsync("/v1/mint-oidc-jwt", bearer: "whoever"))
            .ShouldRefuse(502, "backend_unreachable", "backend_unreachable")["message"]!
                .ShouldContain("longer than 65536 bytes");
    }

    [Theory]
    [InlineData("""{"message":"your bearer was sk-live-secret"}""")]
    [InlineData("{}")]
    [InlineData("no json")]
    [InlineData("")]
    public async Task A_backend_that_says_no_is_401_in_words_of_our_own(string body)
    {
        _backend.Say(401, body);

        var answer = await _broker.PostAsync("/v1/mint-oidc-jwt", bearer: "whoever");

        answer.ShouldRefuse(401, "unauthorized", "invalid_bearer")["message"]
            .ShouldBe("unauthorized: session not valid: the backend does not accept the bearer");
        _broker.RowOf(answer).Outcome.ShouldBe("auth_failed");
        _broker.RowOf(answer).OutcomeDetail!.ShouldNotContain("sk-live");
    }

    [Fact]
    public async Task A_bearer_follows_no_redirect()
    {
        using var elsewhere = new LegacyBackendPeer();
        var bearer = elsewhere.Admit(_wallet.Address);
        _backend.RedirectTo(elsewhere.Url);

        var answer = await _broker.PostAsync("/v1/mint-oidc-jwt", bearer: bearer);

        answer.ShouldRefuse(502, "backend_unreachable", "backend_unreachable");
        elsewhere.Validations.ShouldBe(0);
    }

    [Fact]
    public async Task Without_a_backend_an_opaque_bearer_is_refused_and_recorded()
    {
        await using var broker = await BrokerApp.StartAsync();

        foreach (var route in (string[])["/v1/mint-oidc-jwt", "/v1/mint-aws-creds", "/v1/auth/exchange"])
        {
            var answer = await broker.PostAsync(route, bearer: "an-opaque-bearer");
            answer.ShouldRefuse(401, "unauthorized", "legacy_bearer_not_accepted");
            broker.RowOf(answer).Outcome.ShouldBe("auth_failed");
        }
    }

    [Fact]
    public async Task A_token_never_goes_to_the_backend()
    {
        await _broker.PostAsync("/v1/mint-oidc-jwt", bearer: await _broker.SignInAsync(_wallet));
        await _broker.PostAsync("/v1/mint-oidc-jwt", bearer: "eyJhbGciOiJFUzI1NiJ9.e30.AAAA");

        _backend.Validations.ShouldBe(0);
    }
}
