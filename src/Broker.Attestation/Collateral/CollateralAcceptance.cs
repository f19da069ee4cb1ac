using Broker.Attestation.Verification;

namespace Broker.Attestation.Collateral;

/// <summary>
/// What a cache believes before it stores: collateral that verifies on its own, for the platform it was asked for, and
/// that takes nothing back. A service, or whoever stands between, may replay old collateral that is still inside its
/// dates; the dates of issue then go backwards, and that is refused.
/// </summary>
internal static class CollateralAcceptance
{
    /// <summary>Why the candidate cannot be used now; null when it can.</summary>
    public static string? Refuse(PreparedCollateral candidate, CollateralKey key, DateTimeOffset now)
    {
        if (candidate.RefusalAt(now) is { } refusal) return refusal.ToString();
        if (!candidate.TcbInfo!.Fmspc.Span.SequenceEqual(Convert.FromHexString(key.Fmspc)))
        {
            return "TCB info is for another FMSPC";
        }

        if (candidate.PckAuthority is not { SignedThePckCrl: true } authority
            || PckAuthority.IsPlatformCa(authority.Certificate) != (key.Ca == PckCa.Platform))
        {
            return $"PCK CRL is not one of the {key.Ca} CA";
        }

        return now < candidate.PckCrl!.ThisUpdate || now > candidate.PckCrl.NextUpdate
            ? "PCK CRL is outside its dates"
            : null;
    }

    /// <summary>
    /// What the candidate takes back from what is held; null when nothing. The CRL number is no help: Intel's is always
    /// 1. The set of revoked serials may shrink, and has.
    /// </summary>
    public static string? RefuseRollback(PreparedCollateral held, PreparedCollateral candidate)
    {
        if (candidate.Root!.RevocationList.ThisUpdate < held.Root!.RevocationList.ThisUpdate)
        {
            return "root CRL is older";
        }

        if (candidate.PckCrl!.ThisUpdate < held.PckCrl!.ThisUpdate) return "PCK CRL is older";
        if (candidate.TcbInfo!.IssueDate < held.TcbInfo!.IssueDate) return "TCB info is older";
        if (candidate.QeIdentity!.IssueDate < held.QeIdentity!.IssueDate) return "QE identity is older";
        if (candidate.TcbInfo.TcbEvaluationDataNumber < held.TcbInfo.TcbEvaluationDataNumber)
        {
            return "TCB info has a lower evaluation data number";
        }

        return candidate.QeIdentity.TcbEvaluationDataNumber < held.QeIdentity.TcbEvaluationDataNumber
            ? "QE identity has a lower evaluation data number"
            : null;
    }

    /// <summary>Until when it can be used, the PCK CRL included.</summary>
    public static DateTimeOffset UsableUntil(PreparedCollateral accepted)
        => accepted.PckCrl!.NextUpdate < accepted.ValidUntil ? accepted.PckCrl.NextUpdate : accepted.ValidUntil;

    /// <summary>Since when it could be used: the latest issue among its parts.</summary>
    public static DateTimeOffset UsableFrom(PreparedCollateral accepted)
        => accepted.PckCrl!.ThisUpdate > accepted.ValidFrom ? accepted.PckCrl.ThisUpdate : accepted.ValidFrom;
}
