using System.Security.Cryptography;
using Broker.Attestation.Collateral;
using Broker.Attestation.Decoding;
using Broker.Attestation.Evidence;
using Broker.Attestation.GuestAgent;
using Broker.Attestation.Quotes;
using Broker.Foundation.Results;

namespace Broker.Kms.Machine;

/// <summary>
/// The confidential machine that this process runs in, if it does: for parts of the process that have something to
/// vouch for by its quote.
/// </summary>
public sealed class OwnMachine
{
    private readonly IGuestAgent _agent;
    private readonly GuestAgentAddress _address;
    private readonly CollateralBackedVerifier _quotes;

    internal OwnMachine(IGuestAgent agent, GuestAgentAddress address, CollateralBackedVerifier quotes) =>
        (_agent, _address, _quotes) = (agent, address, quotes);

    /// <summary>A guest agent was named, or one listens where a guest has it.</summary>
    public bool IsConfidential => !_address.IsAbsent;

    /// <summary>
    /// Fresh evidence over <paramref name="reportData"/>, 64 bytes, with what others need to judge it offline. It is
    /// not judged here: whoever relies on it does so.
    /// </summary>
    /// <returns>Refused, in words for the log, where the agent gives none or there is no collateral for it.</returns>
    public async Task<Result<OwnEvidence>> AttestAsync(ReadOnlyMemory<byte> reportData, CancellationToken stop)
    {
        var quoted = await _agent.AttestAsync(reportData, stop);
        if (quoted.IsRefused) return quoted.Refusal;
        var decoded = VersionedAttestation.Decode(quoted.Value);
        if (!decoded.Succeeded) return Refused(decoded.Error);
        if (!CryptographicOperations.FixedTimeEquals(decoded.Value.ReportData.Span, reportData.Span))
            return Refused("guest agent attested other report data");

        var collateral = await FindCollateralAsync(decoded.Value, stop);
        return collateral is null ? new OwnEvidence(quoted.Value, decoded.Value, null)
            : collateral.Value.Succeeded ? new OwnEvidence(quoted.Value, decoded.Value, collateral.Value.Value)
            : Refused(collateral.Value.Error);
    }

    /// <summary>Null where evidence needs none beside it: SEV-SNP's certificates are in the envelope.</summary>
    private async Task<Decoded<QuoteCollateral>?> FindCollateralAsync(
        VersionedAttestation attestation, CancellationToken stop)
    {
        if (attestation is not TdxAttestation tdx) return null;
        return tdx.Quote.Parsed is { Succeeded: true, Quote: { } quote }
            ? await _quotes.FindCollateralAsync(quote, stop)
            : Decoded<QuoteCollateral>.Refused($"guest agent gave no quote: {tdx.Quote.Parsed.Refusal}");
    }

    private static Refusal Refused(string why) => new(MachineRefusals.AgentUnavailable, why);
}

/// <summary>Evidence of this machine.</summary>
/// <param name="Bytes">The envelope as the agent wrote it.</param>
/// <param name="Attestation">The same, read.</param>
/// <param name="Collateral">For TDX; null elsewhere.</param>
public sealed record OwnEvidence(
    ReadOnlyMemory<byte> Bytes, VersionedAttestation Attestation, QuoteCollateral? Collateral);
