using Broker.Foundation.Results;

namespace Broker.Kms.Machine;

/// <summary>
/// The agent of the confidential machine that this process runs in: the source of evidence about ourselves.
/// </summary>
internal interface IGuestAgent
{
    /// <summary>The bytes of an attestation whose report data is <paramref name="reportData"/>, 64 bytes.</summary>
    Task<Result<byte[]>> AttestAsync(ReadOnlyMemory<byte> reportData, CancellationToken stop);

    /// <summary>The machine's own vm_config: JSON text, maybe empty.</summary>
    Task<Result<string>> VmConfigAsync(CancellationToken stop);
}
