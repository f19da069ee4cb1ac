using System.Security.Cryptography;
using System.Text;
using Broker.Tests.Hosting;

namespace Broker.Tests.Flows;

/// <summary>
/// The acceptance list's <c>mint_flow</c>: AWS credentials for a bearer that the legacy backend vouches for.
/// </summary>
public sealed class MintFlowTests : IAsyncLifetime
{
    private readonly Wallet _wallet = new();
    private LegacyBackendPeer _backend = null!;
    private BrokerApp _broker = null!;

    public async Task InitializeAsync()
    {
        _backend = new LegacyBackendPeer();
        _broker = await BrokerApp.StartAsync(("BROKER_BACKEND_URL", _backend.Url));
    }

    public async Task DisposeAsync()
    {
        await _broker.DisposeAsync();
        _backend.Dispose();
        _wallet.Dispose();
    }

    [Fact]
    public async Task Mints_aws_credentials_and_records_them_under_the_hash_of_the_bearer()
    {
        var bearer = _backend.Admit(_wallet.Address);

        var answer = (await _broker.PostAsync("/v1/mint-aws-creds", bearer: bearer)).ShouldBeOk();

        answer["access_key_id"]!.ShouldStartWith("ASIA");
        _broker.Sts.Secrets.ShouldContain(answer["secret_access_key"]!);
        _broker.Sts.Secrets.ShouldContain(answer["session_token"]!);
        answer["wallet"].ShouldBe(_wallet.Address);
        answer.Number("expiration").ShouldBe(_broker.Clock.UnixSeconds + 3600);
        var row = _broker.RowOf(answer);
        row.Outcome.ShouldBe("ok");
        row.RequesterToken.ShouldBe(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(bearer))));
        row.RequesterWallet.ShouldBe(_wallet.Address);
        row.RequestedRole.ShouldBe(BrokerApp.DataRole);
        row.SessionDurationSeconds.ShouldBe(3600);
        row.AccessKeyId.ShouldBe(answer["access_key_id"]);
    }

    [Fact]
    public async Task Refuses_a_request_without_a_bearer_and_records_nothing()
    {
        var answer = await _broker.PostAsync("/v1/mint-aws-creds");

        answer.ShouldRefuse(401, "unauthorized", "missing_bearer")["message"]
            .ShouldBe("unauthorized: missing Authorization header");
        _broker.RowsOf(answer).ShouldBeEmpty();
        _backend.Validations.ShouldBe(0);
    }

    [Fact]
    public async Task Refuses_a_bearer_that_the_backend_does_not_know_and_records_auth_failed()
    {
        var answer = await _broker.PostAsync("/v1/mint-aws-creds", bearer: "nobody-knows-this-bearer");

        answer.ShouldRefuse(401, "unauthorized", "invalid_bearer")["message"]!
            .ShouldContain("session not valid");
        var row = _broker.RowOf(answer);
        row.Outcome.ShouldBe("auth_failed");
        row.RequesterWallet.ShouldBe("unknown");
        row.StsSessionName.ShouldBe("(unauthenticated)");
        _broker.Sts.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task Tells_the_code_of_an_sts_refusal_in_words_of_its_own_and_records_it()
    {
        _broker.Sts.Reply = _ =>
            StsReply.Error(403, "AccessDenied", "Not authorized: token eyJhbGciOiJFUzI1NiJ9.e30.AAAA of 10.0.0.7");

        var answer = await _broker.PostAsync("/v1/mint-aws-creds", bearer: _backend.Admit(_wallet.Address));

        answer.ShouldRefuse(502, "sts_error", "sts_failed").ShouldHoldNoCredential(_broker.Sts);
        var row = _broker.RowOf(answer);
        row.Outcome.ShouldBe("sts_error");
        row.OutcomeDetail!.ShouldContain("AccessDenied");
        foreach (var told in (string[])[answer.Text, row.OutcomeDetail!])
        {
            told.ShouldContain("trust policy");
            told.ShouldNotContain("10.0.0.7");
            told.ShouldNotContain("eyJ");
        }

        row.RequesterWallet.ShouldBe(_wallet.Address);
    }

    [Fact]
    public async Task Says_that_the_backend_is_unreachable_and_records_backend_error_not_auth_failed()
    {
        await using var broker = await BrokerApp.StartAsync(("BROKER_BACKEND_URL", Peers.DeadUrl));

        var answer = await broker.PostAsync("/v1/mint-aws-creds", bearer: "some-bearer");

        answer.ShouldRefuse(502, "backend_unreachable", "backend_unreachable");
        broker.RowOf(answer).Outcome.ShouldBe("backend_error");
    }

    [Fact]
    public async Task Is_healthy_without_asking_the_backend()
    {
        await using var broker = await BrokerApp.StartAsync(("BROKER_BACKEND_URL", Peers.DeadUrl));

        (await broker.GetAsync("/healthz")).ShouldBeOk().Text.ShouldBe("ok");
    }

    [Fact]
    public async Task Is_ready_once_the_backend_answered_and_every_part_can_work()
    {
        var answer = await Eventually.AsksAsync(() => _broker.GetAsync("/readyz"), ready => (int)ready.Status == 200);

        answer.Text.ShouldBe("{}");
    }

    [Fact]
    public async Task Is_not_ready_while_the_backend_has_not_answered()
    {
        _backend.FallIll();
        await using var broker = await BrokerApp.StartAsync(("BROKER_BACKEND_URL", _backend.Url));

        var answer = await broker.GetAsync("/readyz");

        ((int)answer.Status).ShouldBe(503);
        answer["status"].ShouldBe("unready");
        answer.Json.GetProperty("backend_ok").GetBoolean().ShouldBeFalse();
        answer.Json.GetProperty("sts_ok").GetBoolean().ShouldBeTrue();
        var check = answer.Json.GetProperty("checks").EnumerateArray().ShouldHaveSingleItem();
        check.GetProperty("name").GetString().ShouldBe("tier2/backend");
        check.GetProperty("reason").GetString().ShouldBe("BROKER_BACKEND_URL/healthz not yet reachable since boot");
        check.GetProperty("docs").GetString()!.ShouldEndWith("#tier2-backend");
    }

    [Fact]
    public async Task Stays_not_ready_with_a_dead_backend_address()
    {
        await using var broker = await BrokerApp.StartAsync(("BROKER_BACKEND_URL", Peers.DeadUrl));

        ((int)(await broker.GetAsync("/readyz")).Status).ShouldBe(503);
        ((int)(await broker.GetAsync("/readyz")).Status).ShouldBe(503);
    }
}
