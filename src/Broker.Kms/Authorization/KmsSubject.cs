using Broker.Attestation.Apps;
using Broker.Ledger;

namespace Broker.Kms.Authorization;

/// <summary>Who asked, by measurement and by nothing else.</summary>
/// <param name="Name">
/// Such as <c>app/&lt;app id&gt;/&lt;instance id&gt;</c> or <c>kms/&lt;mr_aggregated&gt;</c>; empty for nobody.
/// </param>
/// <param name="Evidence">The measurements; none for nobody.</param>
internal sealed record KmsSubject(string Name, EntryEvidence Evidence)
{
    /// <summary>A caller whom no evidence identifies.</summary>
    public static readonly KmsSubject Unknown = new("", default);

    public static KmsSubject Of(BootRole role, BootInfo boot)
    {
        var name = role == BootRole.Kms
            ? $"kms/{Convert.ToHexStringLower(boot.MrAggregated.Span)}"
            : $"app/{boot.AppId}/{boot.InstanceId}".TrimEnd('/');
        return new KmsSubject(name, BootEvidence.Of(boot));
    }
}
