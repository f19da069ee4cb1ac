using System.Text.Json;
using Broker.Kms.Lifecycle;
using Broker.Kms.Tests.Rig;

namespace Broker.Kms.Tests.Page;

/// <summary>A real browser goes through the page as an operator does.</summary>
public sealed class OnboardPageTests : IAsyncLifetime
{
    private readonly Datacentre _datacentre = new();
    private Webhook _webhook = null!;

    public async Task InitializeAsync() => _webhook = await Webhook.StartAsync();

    [Fact]
    public async Task An_operator_bootstraps_one_kms_and_onboards_another()
    {
        await using var first = await KmsNode.StartAsync(_datacentre, _webhook, "kms 1");
        await using var second = await KmsNode.StartAsync(_datacentre, _webhook, "kms 2");

        var seen = await OperatorAsync(first, "bootstrap", "kms-1.example.test", "not a domain");
        await first.WaitAsync(phase => phase == KmsPhase.Running);

        seen.GetProperty("title").GetString().ShouldBe("KMS setup: test site");
        seen.GetProperty("finishable").GetBoolean().ShouldBeFalse();
        seen.GetProperty("refusal").GetString().ShouldBe("domain contains an invalid DNS label");
        seen.GetProperty("machine")[0].GetString()
            .ShouldBe(_webhook.Questions[0].Body.GetProperty("mrAggregated").GetString());
        using var client = KmsClient.Plain(first.Address);
        var meta = await client.AnswerAsync("GetMeta", "{}");
        seen.GetProperty("result")[0].GetString()
            .ShouldBe(meta.GetProperty("bootstrap_info").GetProperty("ca_pubkey").GetString());
        seen.GetProperty("problems").EnumerateArray().ShouldBeEmpty();
        Texts(seen.GetProperty("terms")).ShouldContain("KMS contract");
        var reloaded = seen.GetProperty("afterReload");
        reloaded.GetProperty("lead").GetString().ShouldStartWith("The keys of this KMS are stored.");
        reloaded.GetProperty("done").GetString().ShouldBe("The keys are stored already. Finish below.");
        reloaded.GetProperty("asksAgain").GetBoolean().ShouldBeFalse();
        Texts(reloaded.GetProperty("result")).ShouldBe(Texts(seen.GetProperty("result")));

        _webhook.Contract = "0x0000000000000000000000000000000000000000";
        var source = first.Address.GetLeftPart(UriPartial.Authority);
        var replica = await OperatorAsync(second, "onboard", "kms-2.example.test", source);
        await second.WaitAsync(phase => phase == KmsPhase.Running);

        replica.GetProperty("done").GetString().ShouldBe("The keys of the running KMS are stored. Finish below.");
        replica.GetProperty("problems").EnumerateArray().ShouldBeEmpty();
        Texts(replica.GetProperty("terms")).ShouldNotContain("KMS contract");
        using var other = KmsClient.Plain(second.Address);
        (await other.AnswerAsync("GetMeta", "{}")).GetProperty("k256_pubkey").GetString()
            .ShouldBe(meta.GetProperty("k256_pubkey").GetString());
    }

    public async Task DisposeAsync()
    {
        await _webhook.DisposeAsync();
        _datacentre.Dispose();
    }

    private static IEnumerable<string?> Texts(JsonElement array) =>
        array.EnumerateArray().Select(element => element.GetString());

    private static Task<JsonElement> OperatorAsync(KmsNode kms, string way, string domain, string extra) =>
        NodeScript.RunAsync("kms-page", "operator.mjs", "", kms.Address.ToString(), way, domain, extra);
}
