using Broker.Tests.Hosting;

namespace Broker.Tests.Invariants;

/// <summary>
/// STS fails in each way that it can: 502 <c>sts_error</c>, a row that says so, no credential, and the next mint works.
/// </summary>
public sealed class StsFaultTests(SharedBroker shared) : IClassFixture<SharedBroker>, IAsyncLifetime
{
    private readonly BrokerApp _broker = shared.App;
    private readonly Wallet _wallet = new();
    private string _session = "";

    /// <summary>
    /// A connection that dies before the answer begins is also tried again by .NET's own connection pool.
    /// </summary>
    private const int HttpClientDecides = 0;

    /// <summary>Each fault, whether it may pass and is asked about again, and what the row says of it.</summary>
    public static TheoryData<string, StsReply?, int, string> Faults => new()
    {
        { "hangs up", null, HttpClientDecides, "could not be reached" },
        { "answers something that is not XML", new StsReply(200, "<html>captive portal"), 1, "cannot be read" },
        { "answers nothing", new StsReply(200, ""), 1, "cannot be read" },
        {
            "says no date where one must be",
            StsReply.Result(
                "AssumeRoleWithWebIdentity",
                "<Credentials><AccessKeyId>A</AccessKeyId><SecretAccessKey>B</SecretAccessKey>"
                + "<SessionToken>C</SessionToken><Expiration>soon</Expiration></Credentials>"),
            1, ""
        },
        { "answers with a page of an intermediary", new StsReply(404, "<html>not here</html>"), 1, "" },
        {
            "gives no credentials",
            StsReply.Result("AssumeRoleWithWebIdentity", "<Audience>sts.amazonaws.com</Audience>"),
            1, "STS returned no credentials"
        },
        {
            "gives credentials without a secret",
            StsReply.Result(
                "AssumeRoleWithWebIdentity",
                "<Credentials><AccessKeyId>ASIAHALF</AccessKeyId><SessionToken>x</SessionToken>"
                + "<Expiration>2026-05-04T13:00:00Z</Expiration></Credentials>"),
            1, "STS returned no credentials"
        },
        { "is overloaded", StsReply.Error(503, "ServiceUnavailable", "try later"), 3, "ServiceUnavailable" },
        { "throttles", StsReply.Error(400, "Throttling", "Rate exceeded"), 3, "Throttling" },
        {
            "cannot read our keys",
            StsReply.Error(400, "IDPCommunicationError", "Couldn't retrieve verification key"),
            3, "IDPCommunicationError"
        },
        {
            "does not accept our token",
            StsReply.Error(400, "InvalidIdentityToken", "No OpenIDConnect provider found"),
            1, "InvalidIdentityToken"
        },
        {
            "says the token has expired",
            StsReply.Error(400, "ExpiredTokenException", "Token expired"),
            1, "ExpiredTokenException"
        },
        { "denies the role", StsReply.Error(403, "AccessDenied", "Not authorized"), 1, "AccessDenied" },
        {
            "finds the policy too large",
            StsReply.Error(400, "PackedPolicyTooLarge", "too large"),
            1, "PackedPolicyTooLarge"
        },
    };

    public async Task InitializeAsync() => _session = await _broker.SignInAsync(_wallet);

    public Task DisposeAsync()
    {
        _broker.Sts.Reply = _broker.Sts.Grant;
        _wallet.Dispose();
        return Task.CompletedTask;
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Sts_that_fails_is_502_with_a_row(string how, StsReply? reply, int calls, string detail)
    {
        _broker.Sts.Reply = _ => reply;
        var before = _broker.Sts.Calls.Count;

        var answer = await _broker.PostAsync("/v1/mint-aws-creds", bearer: _session);

        answer.ShouldRefuse(502, "sts_error", "sts_failed").ShouldHoldNoCredential(_broker.Sts);
        var row = _broker.RowOf(answer);
        row.Outcome.ShouldBe("sts_error", how);
        row.OutcomeDetail!.ShouldContain(detail);
        row.AccessKeyId.ShouldBeEmpty();
        row.StsSessionName.ShouldStartWith("agentkeys-");
        if (calls != HttpClientDecides) (_broker.Sts.Calls.Count - before).ShouldBe(calls, how);
        _broker.Sts.Reply = _broker.Sts.Grant;
        await Mints.ShouldWorkAgainAsync(_broker, _wallet, Mints.AwsCredentials);
    }

    [Fact]
    public async Task An_sts_that_fails_once_is_asked_again_and_the_caller_does_not_notice()
    {
        var calls = 0;
        _broker.Sts.Reply = call =>
            Interlocked.Increment(ref calls) == 1 ? StsReply.Error(500, "InternalFailure", "oops")
                : _broker.Sts.Grant(call);

        var answer = (await _broker.PostAsync("/v1/mint-aws-creds", bearer: _session)).ShouldBeOk();

        calls.ShouldBe(2);
        _broker.RowOf(answer).Outcome.ShouldBe("ok");
    }

    [Fact]
    public async Task An_sts_that_is_slow_is_502_when_the_time_is_up()
    {
        await using var broker = await BrokerApp.StartAsync(("BROKER_STS_TIMEOUT_SECONDS", "1"));
        var session = await broker.SignInAsync(_wallet);

        Answer answer;
        using (broker.Sts.Hold()) answer = await broker.PostAsync("/v1/mint-aws-creds", bearer: session);

        answer.ShouldRefuse(502, "sts_error", "sts_failed").ShouldHoldNoCredential(broker.Sts);
        broker.RowOf(answer).OutcomeDetail.ShouldBe("STS did not answer in time");
        await Mints.ShouldWorkAgainAsync(broker, _wallet, Mints.AwsCredentials);
    }

    [Fact]
    public async Task An_sts_that_is_down_is_502()
    {
        await using var broker = await BrokerApp.StartAsync(("AWS_ENDPOINT_URL_STS", Peers.DeadUrl));

        var answer = await broker.PostAsync("/v1/mint-aws-creds", bearer: await broker.SignInAsync(_wallet));

        answer.ShouldRefuse(502, "sts_error", "sts_failed");
        broker.RowOf(answer).Outcome.ShouldBe("sts_error");
        (await broker.GetAsync("/healthz")).ShouldBeOk();
    }

    [Fact]
    public async Task More_mints_than_places_wait_their_turn()
    {
        await using var broker = await BrokerApp.StartAsync(("BROKER_STS_MAX_CONCURRENCY", "2"));
        var session = await broker.SignInAsync(_wallet);

        List<Task<Answer>> asking;
        using (broker.Sts.Hold())
        {
            asking = [.. Enumerable.Range(0, 6).Select(_ => broker.PostAsync("/v1/mint-aws-creds", bearer: session))];
            await broker.Sts.WaitForCallsAsync(2);
            await Task.Delay(200);
            broker.Sts.Calls.Count.ShouldBe(2);
        }

        foreach (var answer in await Task.WhenAll(asking)) answer.ShouldBeOk();
    }
}
