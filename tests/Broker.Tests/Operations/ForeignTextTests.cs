using Broker.Tests.Hosting;

namespace Broker.Tests.Operations;

/// <summary>What the legacy backend says in its own words, in the log of the real process.</summary>
public sealed class ForeignTextTests
{
    private const string Bearer = "an+opaque/bearer-0123456789==";

    [Theory]
    [InlineData(503, "debug", true)]
    [InlineData(401, "debug", true)]
    [InlineData(200, "debug", true)]
    [InlineData(503, "info", false)]
    [InlineData(401, "info", false)]
    public async Task Goes_there_at_debug_level_without_the_bearer_and_nowhere_else(
        int status, string level, bool isTold)
    {
        await using var sts = await StsPeer.StartAsync(TimeProvider.System);
        using var backend = new LegacyBackendPeer();
        backend.Say(status, $"w0rd: you sent {Bearer} and \"db_password\":\"hunter2hunter2\"");
        string errors;
        await using (var broker = await BrokerProcess.StartAsync(
            BrokerProcess.Settings(
                ("AWS_ENDPOINT_URL_STS", sts.Url), ("BROKER_BACKEND_URL", backend.Url), ("BROKER_LOG_LEVEL", level)),
            "--init"))
        {
            var answer = await broker.PostAsync("/v1/mint-oidc-jwt", bearer: Bearer);

            ((int)answer.Status).ShouldBe(status == 401 ? 401 : 502);
            answer.Text.ShouldNotContain("w0rd");
            broker.RowOf(answer).OutcomeDetail!.ShouldNotContain("w0rd");
            broker.Terminate();
            errors = (await broker.WaitForEndAsync()).Errors;
        }

        errors.Contains($"The legacy backend answered {status}: w0rd: you sent […] and ", StringComparison.Ordinal)
            .ShouldBe(isTold);
        errors.Contains("w0rd", StringComparison.Ordinal).ShouldBe(isTold);
        errors.ShouldNotContain(Bearer);
        errors.ShouldNotContain("hunter2");
    }
}
