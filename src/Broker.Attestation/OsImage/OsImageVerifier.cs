using Broker.Attestation.Apps;
using Broker.Attestation.Evidence;
using Broker.Attestation.VirtualMachine;


namespace Broker.Attestation.OsImage;

/// <summary>
/// Ties the registers of verified evidence to the OS image that a vm_config names. Until it has said so,
/// <see cref="BootInfo.OsImageHash"/> is a claim. Keep one for the life of the process: it serialises downloads.
/// </summary>
public sealed class OsImageVerifier : IDisposable
{
    private readonly ImageStore _images;
    private readonly LegacyImageCheck _legacy;

    /// <param name="options">How images are found and what is asked of them.</param>
    /// <param name="http">For downloads.</param>
    /// <param name="onForeignText">
    /// Told what the server of images said in its own words when it gave none: bounded and without secrets, for a log
    /// at debug level.
    /// </param>
    public OsImageVerifier(OsImageOptions options, HttpClient http, Action<string>? onForeignText = null)
    {
        _images = new ImageStore(options, http, onForeignText);
        _legacy = new LegacyImageCheck(options, _images);
    }

    public void Dispose() => _images.Dispose();

    /// <summary>
    /// The verdict, with the state of every register. <c>tdx_attestation_variant</c> alone chooses between the check
    /// without a download and the check of the whole image.
    /// </summary>
    /// <param name="config">
    /// What the machine claims to be; see <see cref="VerifiedTdxAttestation.ReadVmConfig"/>.
    /// </param>
    public async Task<OsImageVerdict> VerifyAsync(
        VerifiedTdxAttestation attestation, VmConfig config, CancellationToken stop)
        => config.IsLite
            ? LiteImageCheck.Verify(attestation.Report, attestation.EventLog, config)
            : await _legacy.VerifyAsync(attestation.Report, config, stop);
}
