using Broker.Attestation.Collateral;
using Broker.Attestation.Evidence;
using Broker.Attestation.Quotes;
using Broker.Attestation.Tests.Verification;

namespace Broker.Attestation.Tests.Dstack;

/// <summary>
/// The real verifier, with the genuine collateral of one case of the manifest in place of a collateral service.
/// </summary>
internal sealed class CaseVerifier(string caseId) : ICollateralOrigin
{
    private readonly VerdictCase _case = VerdictCases.Load(caseId);

    public DateTimeOffset Now => _case.Now;

    public AttestationVerifier Verifier => new(new CollateralBackedVerifier(_case.Root, this));

    public Task<QuoteCollateral> FetchAsync(CollateralKey key, CancellationToken stop)
        => Task.FromResult(_case.Collateral.Collateral!);

    /// <summary>Verifies evidence whose quote is this case's, at this case's time.</summary>
    public Task<AttestationVerdict> JudgeAsync(VersionedAttestation evidence, ReadOnlyMemory<byte>? reportData = null)
        => Verifier.VerifyAsync(evidence, reportData, Now, CancellationToken.None);
}
