using Broker.Attestation.Apps;


namespace Broker.Kms.Authorization;

/// <summary>Who asked, by measurement and by nothing else.</summary>
/// <param name="Name">
/// Such as <c>app/&lt;app id&gt;/&lt;instance id&gt;</c> or <c>kms/&lt;mr_aggregated&gt;</c>; empty for nobody.
/// </param>
/// <param name="Evidence">The measurements as <see cref="BootEvidence"/> writes them; empty for nobody.</param>
internal sealed record KmsSubject(string Name, string Evidence)
{
    /// <summary>A caller whom no evidence identifies.</summary>
    public static readonly KmsSubject Unknown = new("", "");

    public static KmsSubject Of(BootRole role, BootInfo boot)
    {
        var name = role == BootRole.Kms
            ? $"kms/{Convert.ToHexStringLower(boot.MrAggregated.Span)}"
            : $"app/{boot.AppId}/{boot.InstanceId}".TrimEnd('/');
        return new KmsSubject(name, BootEvidence.Write(boot));
    }
}
