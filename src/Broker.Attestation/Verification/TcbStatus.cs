namespace Broker.Attestation.Verification;

/// <summary>
/// How current a platform's trusted computing base is, in Intel's words; <c>ToString</c> gives Intel's spelling.
/// A verified quote still has any of these but <see cref="Revoked"/>: which of them suffice is the caller's policy.
/// </summary>
public enum TcbStatus
{
    UpToDate,
    SWHardeningNeeded,
    ConfigurationNeeded,
    ConfigurationAndSWHardeningNeeded,
    OutOfDate,
    OutOfDateConfigurationNeeded,

    /// <summary>The TD was launched under an outdated module that has been updated since: start the TD again.</summary>
    TDRelaunchAdvised,
    TDRelaunchAdvisedConfigurationNeeded,

    /// <summary>Never the status of a verified quote: it is refused as <c>TCB_REVOKED</c>.</summary>
    Revoked,
}
