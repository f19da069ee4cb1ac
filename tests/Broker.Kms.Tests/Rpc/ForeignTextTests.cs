using Broker.Kms.Tests.Rig;
using Microsoft.Extensions.Logging;

namespace Broker.Kms.Tests.Rpc;

/// <summary>
/// What foreign servers say in their own words goes to the log at debug level, without what we sent them, and nowhere
/// else: not to callers, not to the ledger, not to the log that operators keep.
/// </summary>
public sealed class ForeignTextTests : IAsyncLifetime
{
    private const string Word = "w0rd";

    private readonly Datacentre _datacentre = new();
    private Webhook _webhook = null!;

    private string AddressWithSecrets =>
        _webhook.Url.Replace("http://", "http://user:s3cret@", StringComparison.Ordinal);

    public async Task InitializeAsync()
    {
        _webhook = await Webhook.StartAsync();
        _webhook.Contract = $"{Word} s3cret";
    }

    [Fact]
    public async Task Of_a_collateral_service()
    {
        using var folder = new TemporaryFolder();
        var root = folder.File("root.der");
        await File.WriteAllBytesAsync(root, _datacentre.Root);
        await using var kms = await KmsNode.StartAsync(_datacentre, _webhook, alter: options => options with
        {
            TdxRootCa = root,
            InsecureAllowExternalTrustAnchors = true,
            PccsUrl = AddressWithSecrets,
        });
        using var client = KmsClient.Plain(kms.Address);

        var refusal = await client.RefusalAsync("GetAttestationInfo", "{}");

        IsToldAtDebugOnly(kms, refusal);
    }

    [Fact]
    public async Task Of_a_server_of_images()
    {
        await using var kms = await KmsNode.StartRunningAsync(_datacentre, _webhook, alter: options => options with
        {
            ImageVerify = true,
            ImageDownloadUrl = AddressWithSecrets + "/{OS_IMAGE_HASH}.tar.gz?token=t0ken",
        });
        using var client = await KmsClient.AttestedAsync(kms.Address, new Guest(_datacentre.NewMachine(), "app"));
        (_webhook.GetStatus, _webhook.Contract) = (503, $"{Word} s3cret t0ken");

        var refusal = await client.RefusalAsync("GetAppKey", "{}");

        refusal.ShouldContain("HTTP status 503");
        IsToldAtDebugOnly(kms, refusal);
    }

    [Fact]
    public async Task Of_the_webhook()
    {
        await using var kms = await KmsNode.StartAsync(_datacentre, _webhook, alter: options => options with
        {
            WebhookUrl = AddressWithSecrets + "?token=t0ken",
        });
        using var client = KmsClient.Plain(kms.Address);
        _webhook.Answer = (_, _) => Task.FromResult((500, $"{Word} s3cret t0ken"));

        var refusal = await client.RefusalAsync("Bootstrap", "{\"domain\":\"kms.example.test\"}");

        IsToldAtDebugOnly(kms, refusal);
    }

    [Fact]
    public async Task Of_a_kms_to_onboard_from()
    {
        await using var source = await FakeSource.StartAsync(new Guest(_datacentre.NewMachine(), "source"));
        source.Answer = async (method, http) =>
        {
            http.Response.StatusCode = 400;
            await FakeSource.WriteAsync(http, new { error = $"{Word} Bearer s3cret" });
        };
        await using var kms = await KmsNode.StartAsync(_datacentre, _webhook);

        IsToldAtDebugOnly(kms, await OnboardAsync(kms, source));
    }

    [Fact]
    public async Task But_of_keys_that_a_kms_gave_only_their_length()
    {
        await using var source = await FakeSource.StartAsync(new Guest(_datacentre.NewMachine(), "source"));
        source.Answer = async (method, http) =>
        {
            await source.AnswerHonestlyAsync(method, http);
            if (method == "GetKmsKey") await http.Response.Body.WriteAsync("no JSON"u8.ToArray());
        };
        await using var kms = await KmsNode.StartAsync(_datacentre, _webhook);

        (await OnboardAsync(kms, source)).ShouldContain("the source's answer is not a KmsKeyResponse");

        var lines = kms.Logged.At(LogLevel.Debug).ToList();
        lines.ShouldContain(line =>
            line.StartsWith("The source answered GetKmsKey with 200 OK: ", StringComparison.Ordinal)
            && line.EndsWith(" bytes", StringComparison.Ordinal));
        lines.ShouldNotContain(line => line.Contains("PRIVATE KEY", StringComparison.Ordinal));
        lines.ShouldNotContain(line => line.Contains(
            Convert.ToHexStringLower(source.Roots.ExportK256()), StringComparison.Ordinal));
    }

    public async Task DisposeAsync()
    {
        await _webhook.DisposeAsync();
        _datacentre.Dispose();
    }

    private static async Task<string> OnboardAsync(KmsNode kms, FakeSource source)
    {
        using var client = KmsClient.Plain(kms.Address);
        return await client.RefusalAsync(
            "Onboard", $"{{\"source_url\":\"{source.Address}\",\"domain\":\"kms.example.test\"}}");
    }

    private static void IsToldAtDebugOnly(KmsNode kms, string refusal)
    {
        kms.Logged.At(LogLevel.Debug).ShouldContain(line => line.Contains(Word, StringComparison.Ordinal));
        refusal.ShouldNotContain(Word);
        kms.Entries().ShouldNotContain(entry => (entry.OutcomeDetail ?? "").Contains(Word, StringComparison.Ordinal));
        foreach (var level in Enum.GetValues<LogLevel>())
        {
            foreach (var line in kms.Logged.At(level))
            {
                line.ShouldNotContain("s3cret");
                line.ShouldNotContain("t0ken");
                if (level > LogLevel.Debug) line.ShouldNotContain(Word);
            }
        }
    }
}
