using Broker.Attestation.Evidence;
using Broker.Attestation.OsImage;
using Broker.Attestation.Tests.Collateral;
using Broker.Attestation.VirtualMachine;

namespace Broker.Attestation.Tests.OsImage;

/// <content>The server that has the image, the verifier, and a measurement that is kept.</content>
public sealed partial class OsImageVerifierTests
{
    private async Task ShouldRefuseAsync(byte[] archive, string refusal, TestImage? image = null)
    {
        await using var peer = await ServeAsync(archive, image);
        using var verifier = Verifier(peer);

        (await VerifyAsync(verifier, (image ?? _image).Machine(_simulated, RtMr0))).Refusal
            .ShouldNotBeNull().ShouldStartWith(refusal);
    }

    private async Task<CollateralService> ServeAsync(byte[] archive, TestImage? image = null)
    {
        var peer = await CollateralService.StartAsync();
        var path = $"/{(image ?? _image).Hash}.tar.gz";
        peer.Answers[path] = context => context.Response.Body.WriteAsync(archive).AsTask();
        return peer;
    }

    private OsImageVerifier Verifier(CollateralService peer, Func<OsImageOptions, OsImageOptions>? change = null)
    {
        var options = new OsImageOptions
        {
            CacheDirectory = _cache,
            DownloadUrl = $"{peer.Address}{{OS_IMAGE_HASH}}.tar.gz",
            AcpiTablesProgram = Path.Combine(_cache, "not-installed"),
        };
        return new OsImageVerifier(change?.Invoke(options) ?? options, _http);
    }

    private static Task<OsImageVerdict> VerifyAsync(
        OsImageVerifier verifier, VerifiedTdxAttestation machine, string vmConfig = "")
        => verifier.VerifyAsync(machine, machine.ReadVmConfig(vmConfig).Value!, CancellationToken.None);

    private string MeasurementPath()
        => Path.Combine(_cache, "measurements", $"{MeasurementTable.Key(VmConfig.Parse(_image.VmConfig).Value!)}.json");

    private void WriteMeasurement(int version, byte[] rtmr0)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(MeasurementPath())!);
        var zeros = new string('0', 96);
        File.WriteAllText(
            MeasurementPath(),
            $"{{\"version\":{version},\"measurements\":{{\"mrtd\":\"{zeros}\","
            + $"\"rtmr0\":\"{Convert.ToHexStringLower(rtmr0)}\",\"rtmr1\":\"{zeros}\",\"rtmr2\":\"{zeros}\"}}}}");
    }
}
