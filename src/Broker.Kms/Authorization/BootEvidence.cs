using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Broker.Attestation.Apps;

namespace Broker.Kms.Authorization;

/// <summary>The measurements behind a decision, as the ledger keeps them: a JSON object in RFC 8785 form.</summary>
internal static class BootEvidence
{
    public static string Write(BootInfo boot, string? certificateSha256 = null)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var options = new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (var json = new Utf8JsonWriter(buffer, options))
        {
            // RFC 8785 orders the keys; they are written in that order here.
            json.WriteStartObject();
            json.WriteStartArray("advisory_ids");
            foreach (var advisory in boot.AdvisoryIds) json.WriteStringValue(advisory);
            json.WriteEndArray();
            json.WriteString("app_id", boot.AppId.ToString());
            if (certificateSha256 is not null) json.WriteString("certificate_sha256", certificateSha256);
            json.WriteString("compose_hash", boot.ComposeHash.ToString());
            json.WriteString("device_id", boot.DeviceId.ToString());
            json.WriteString("instance_id", boot.InstanceId.ToString());
            WriteHex(json, "mr_aggregated", boot.MrAggregated);
            WriteHex(json, "mr_system", boot.MrSystem);
            WriteHex(json, "os_image_hash", boot.OsImageHash);
            json.WriteString("tcb_status", boot.TcbStatus);
            json.WriteString("tee_variant", boot.TeeVariant);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteHex(Utf8JsonWriter json, string name, ReadOnlyMemory<byte> value) =>
        json.WriteString(name, Convert.ToHexStringLower(value.Span));
}
