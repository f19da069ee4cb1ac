using Broker.Foundation.Results;
using static Broker.Kms.KmsRefusals;

namespace Broker.Kms.Onboarding;

/// <summary>Why a KMS does not come to keys.</summary>
internal static class OnboardingRefusals
{
    public static readonly RefusalCode DomainInvalid = Declare("domain_invalid", LedgerOutcome.BadRequest,
        "Name the DNS name under which this KMS will be reached.");

    public static readonly RefusalCode KeysExist = Declare("keys_exist", LedgerOutcome.BadRequest,
        "Use the keys that there are, or remove the key folder to start anew.");

    public static readonly RefusalCode KeysMissing = Declare("keys_missing", LedgerOutcome.BadRequest,
        "Bootstrap this KMS or onboard it, then finish.");

    public static readonly RefusalCode KeysNotStored = Declare("keys_not_stored", LedgerOutcome.BackendError,
        "Make the key folder writable, then ask again.");

    public static readonly RefusalCode SourceAddressInvalid = Declare("source_address_invalid", LedgerOutcome.BadRequest,
        "Give the https:// address of a KMS.");

    public static readonly RefusalCode SourceUnavailable = Declare("source_unavailable", LedgerOutcome.BackendError,
        "See that the source KMS runs and can be reached, then ask again.");

    public static readonly RefusalCode SourceUnproven = Declare("source_unproven", LedgerOutcome.AuthFailed,
        "Onboard from a KMS that proves its machine in its certificate.");

    public static readonly RefusalCode SourceDenied = Declare("source_denied", LedgerOutcome.Denied,
        "Have the policy allow the source KMS, then ask again.");

    public static readonly RefusalCode RefusedBySource = Declare("refused_by_source", LedgerOutcome.Denied,
        "See the log of the source KMS, and have its policy allow this one.");

    public static readonly RefusalCode SourceKeysInvalid = Declare("source_keys_invalid", LedgerOutcome.AuthFailed,
        "Onboard from another KMS; the keys of this one contradict one another.");
}
