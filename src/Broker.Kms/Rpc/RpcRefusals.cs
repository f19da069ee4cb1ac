using Broker.Foundation.Results;
using static Broker.Kms.KmsRefusals;

namespace Broker.Kms.Rpc;

/// <summary>Why a call of the main service is refused.</summary>
internal static class RpcRefusals
{
    public static readonly RefusalCode NotAttested = Declare("not_attested", LedgerOutcome.AuthFailed,
        "Connect with a client certificate that carries evidence.");

    public static readonly RefusalCode VersionUnsupported = Declare("version_unsupported", LedgerOutcome.BadRequest,
        "Send an api_version that this KMS knows.");

    public static readonly RefusalCode AppIdInvalid = Declare("app_id_invalid", LedgerOutcome.BadRequest,
        "Send the 20 bytes of an app id.");

    public static readonly RefusalCode CsrUnreadable = Declare("csr_unreadable", LedgerOutcome.BadRequest,
        "Send a certificate request as dstack makes it.");

    public static readonly RefusalCode CsrSignatureInvalid = Declare("csr_signature_invalid", LedgerOutcome.AuthFailed,
        "Sign the request with the key that it wants certified.");

    public static readonly RefusalCode CertificateImpossible = Declare("certificate_impossible", LedgerOutcome.BadRequest,
        "Ask for ASCII names and for times before the year 10000.");

    public static readonly Refusal WithoutEvidence = new(NotAttested, "No attestation provided");

    public static Refusal UnsupportedVersion(uint version) =>
        new(VersionUnsupported, $"Unsupported API version: {version}");
}
