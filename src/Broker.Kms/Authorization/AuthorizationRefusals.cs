using Broker.Foundation.Results;
using static Broker.Kms.KmsRefusals;

namespace Broker.Kms.Authorization;

/// <summary>Why a machine, or this KMS itself, may not.</summary>
internal static class AuthorizationRefusals
{
    public static readonly RefusalCode MeasurementsUnreadable = Declare("measurements_unreadable", LedgerOutcome.BadRequest,
        "Send a vm_config and an event log that belong to the evidence.");

    public static readonly RefusalCode BootDenied = Declare("boot_denied", LedgerOutcome.Denied,
        "Have the policy allow these measurements, then ask again.");

    public static readonly RefusalCode SelfDenied = Declare("self_denied", LedgerOutcome.Denied,
        "Have the policy allow this KMS, then ask again.");

    public static readonly RefusalCode AuthorityUnavailable = Declare("authority_unavailable", LedgerOutcome.BackendError,
        "Mend the authorization webhook, then ask again.");

    public static readonly RefusalCode ImageUnverified = Declare("image_unverified", LedgerOutcome.Denied,
        "Run an OS image that this KMS can find and measure.");

    public static readonly RefusalCode PlatformClosed = Declare("platform_closed", LedgerOutcome.Denied,
        "Run on a platform to which this KMS releases keys.");
}
