using Broker.Foundation.Results;
using static Broker.Kms.KmsRefusals;

namespace Broker.Kms.Tls;

/// <summary>Why the evidence of a connection does not hold.</summary>
internal static class ConnectionRefusals
{
    public static readonly RefusalCode CertificateUnreadable = Declare("certificate_unreadable", LedgerOutcome.BadRequest,
        "Send a client certificate as dstack makes it.");

    public static readonly RefusalCode EvidenceRefused = Declare("evidence_refused", LedgerOutcome.AuthFailed,
        "Update the platform, and make evidence for this key anew.");
}
