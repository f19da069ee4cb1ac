using Broker.Kms.Certificates;
using Broker.Kms.Keys;
using Broker.Kms.Lifecycle;
using Broker.Kms.Tests.Rig;

namespace Broker.Kms.Tests.Onboarding;

/// <summary>A second KMS that takes the keys of a first one, each with its own policy.</summary>
public sealed class OnboardTests : IAsyncLifetime
{
    private readonly Datacentre _datacentre = new();
    private Webhook _sourcePolicy = null!;
    private Webhook _policy = null!;
    private KmsNode _source = null!;
    private KmsNode _kms = null!;
    private KmsClient _client = null!;

    public async Task InitializeAsync()
    {
        _sourcePolicy = await Webhook.StartAsync();
        _policy = await Webhook.StartAsync();
        _source = await KmsNode.StartRunningAsync(_datacentre, _sourcePolicy, "kms source");
        _kms = await KmsNode.StartAsync(_datacentre, _policy, "kms destination");
        _client = KmsClient.Plain(_kms.Address);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/prpc")]
    [InlineData("/prpc//")]
    public async Task A_replica_serves_the_same_roots_under_its_own_name(string path)
    {
        (await _client.AnswerAsync("Onboard.Onboard", Request(path))).ToString().ShouldBe("{}");
        await _client.SendAsync(HttpMethod.Get, "/finish");
        await _kms.WaitAsync(phase => phase == KmsPhase.Running);

        var theirs = KmsIdentity.Load(_source.Keys);
        var ours = KmsIdentity.Load(_kms.Keys);
        ours.Roots.Ca.ToPkcs8().ShouldBe(theirs.Roots.Ca.ToPkcs8());
        ours.Roots.TempCa.ToPkcs8().ShouldBe(theirs.Roots.TempCa.ToPkcs8());
        ours.Roots.ExportK256().ShouldBe(theirs.Roots.ExportK256());
        ours.RpcKey.ToPkcs8().ShouldNotBe(theirs.RpcKey.ToPkcs8());
        _kms.Keys.ReadText(KeyDirectory.RpcDomain).ShouldBe("kms-dst.example.test");
        _kms.Keys.Has(KeyDirectory.BootstrapInfo).ShouldBeFalse();

        using var runtime = KmsClient.Plain(_kms.Address);
        using var source = KmsClient.Plain(_source.Address);
        const string app = "{\"app_id\":\"1111111111111111111111111111111111111111\"}";
        (await runtime.AnswerAsync("GetAppEnvEncryptPubKey", app)).GetProperty("public_key").GetString()
            .ShouldBe((await source.AnswerAsync("GetAppEnvEncryptPubKey", app)).GetProperty("public_key").GetString());
        await runtime.AnswerAsync("GetTempCaCert", "{}");
    }

    [Fact]
    public async Task Both_ledgers_hold_the_event()
    {
        await _client.AnswerAsync("Onboard", Request());

        _kms.Entries()[^1].Kind.ShouldBe("kms_onboard");
        _kms.Entries()[^1].Outcome.ShouldBe("ok");
        _source.Entries()[^1].Kind.ShouldBe("kms_kms_key");
        _source.Entries()[^1].Subject.ShouldBe(_kms.Entries()[^1].Subject);
    }

    [Fact]
    public async Task The_receiver_refuses_a_source_that_its_policy_denies()
    {
        _policy.Deny("aggregated MR not allowed");

        (await _client.RefusalAsync("Onboard", Request())).ShouldBe(
            "Failed to onboard: Source KMS is not allowed for onboarding: boot denied: aggregated MR not allowed");

        NothingIsStored("denied");
        _source.Entries().ShouldNotContain(entry => entry.Kind == "kms_kms_key");
    }

    [Fact]
    public async Task The_source_refuses_a_destination_that_its_policy_denies()
    {
        AllowOnlyTheSource();

        var refusal = await _client.RefusalAsync("Onboard", Request());

        refusal.ShouldStartWith("Failed to onboard: Request failed with status=400 Bad Request, error={");
        refusal.ShouldContain("\"error\": \"Boot denied: aggregated MR not allowed\"");
        NothingIsStored("denied");
        _source.Entries()[^1].Outcome.ShouldBe("denied");
    }

    [Fact]
    public async Task A_source_that_is_out_of_its_own_policy_gives_nothing()
    {
        _sourcePolicy.Deny("aggregated MR not allowed");

        (await _client.RefusalAsync("Onboard", Request()))
            .ShouldContain("KMS self authorization failed: KMS is not allowed: aggregated MR not allowed");

        NothingIsStored("denied");
    }

    [Fact]
    public async Task After_a_refusal_it_can_be_tried_again()
    {
        _policy.Deny("not yet");
        await _client.RefusalAsync("Onboard", Request());
        _policy.Allow();

        await _client.AnswerAsync("Onboard", Request());

        _kms.Keys.IsComplete.ShouldBeTrue();
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _kms.DisposeAsync();
        await _source.DisposeAsync();
        await _policy.DisposeAsync();
        await _sourcePolicy.DisposeAsync();
        _datacentre.Dispose();
    }

    private string Request(string path = "/prpc") =>
        $"{{\"source_url\":\"{_source.Address.GetLeftPart(UriPartial.Authority)}{path}\","
        + "\"domain\":\"kms-dst.example.test\"}";

    private void AllowOnlyTheSource() =>
        _sourcePolicy.AllowMeasurements(_sourcePolicy.Questions[0].Body.GetProperty("mrAggregated").GetString()!);

    private void NothingIsStored(string outcome)
    {
        Directory.Exists(_kms.Options.CertDir).ShouldBeFalse();
        _kms.Entries()[^1].Kind.ShouldBe("kms_onboard");
        _kms.Entries()[^1].Outcome.ShouldBe(outcome);
    }
}
