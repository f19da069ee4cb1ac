namespace Broker.Attestation.Evidence;

/// <summary>
/// Why evidence was refused: a stable code for programs, and the reference's own words for people and clients.
/// </summary>
/// <param name="Code">For example <c>RTMR3_MISMATCH</c>; for a quote that does not verify, the quote's own
/// code.</param>
public sealed record AttestationRefusal(string Code, string Message)
{
    public override string ToString() => Message;
}

/// <summary>
/// What verification found: a <see cref="VerifiedAttestation"/> or a <see cref="RefusedAttestation"/>, and nothing
/// between. No <c>Result</c>: the codes are the reference's own, and whoever asked knows the status and the next step.
/// </summary>
public abstract record AttestationVerdict
{
    private protected AttestationVerdict()
    {
    }
}

/// <summary>The evidence is not to be believed.</summary>
public sealed record RefusedAttestation(AttestationRefusal Refusal) : AttestationVerdict;
