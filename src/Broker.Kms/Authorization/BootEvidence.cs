using Broker.Attestation.Apps;
using Broker.Cryptography;
using Broker.Ledger;

namespace Broker.Kms.Authorization;

/// <summary>The measurements behind a decision, as the ledger keeps them.</summary>
internal static class BootEvidence
{
    public static EntryEvidence Of(BootInfo boot, string? certificateSha256 = null) => EntryEvidence.Of(json =>
    {
        json.WriteStartArray("advisory_ids");
        foreach (var advisory in boot.AdvisoryIds) json.WriteStringValue(advisory);
        json.WriteEndArray();
        json.WriteString("app_id", boot.AppId.ToString());
        if (certificateSha256 is not null) json.WriteString("certificate_sha256", certificateSha256);
        json.WriteString("compose_hash", boot.ComposeHash.ToString());
        json.WriteString("device_id", boot.DeviceId.ToString());
        json.WriteString("instance_id", boot.InstanceId.ToString());
        json.WriteString("mr_aggregated", Hex.Of(boot.MrAggregated));
        json.WriteString("mr_system", Hex.Of(boot.MrSystem));
        json.WriteString("os_image_hash", Hex.Of(boot.OsImageHash));
        json.WriteString("tcb_status", boot.TcbStatus);
        json.WriteString("tee_variant", boot.TeeVariant);
    });
}
