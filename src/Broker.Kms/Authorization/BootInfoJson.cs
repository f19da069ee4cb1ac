using System.Buffers;
using System.Text.Json;
using Broker.Attestation.Apps;
using Broker.Cryptography;

namespace Broker.Kms.Authorization;

/// <summary>
/// The body of a question to the webhook (kms-protocol §7.1): keys in this order, bytes as lower-case hex.
/// </summary>
internal static class BootInfoJson
{
    public static byte[] Write(BootInfo boot)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("teeVariant", boot.TeeVariant);
            json.WriteString("mrAggregated", Hex.Of(boot.MrAggregated));
            json.WriteString("osImageHash", Hex.Of(boot.OsImageHash));
            json.WriteString("mrSystem", Hex.Of(boot.MrSystem));
            json.WriteString("appId", boot.AppId.ToString());
            json.WriteString("composeHash", boot.ComposeHash.ToString());
            json.WriteString("instanceId", boot.InstanceId.ToString());
            json.WriteString("deviceId", boot.DeviceId.ToString());
            json.WriteString("keyProviderInfo", Hex.Of(boot.KeyProviderInfo));
            json.WriteString("tcbStatus", boot.TcbStatus);
            json.WriteStartArray("advisoryIds");
            foreach (var advisory in boot.AdvisoryIds) json.WriteStringValue(advisory);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
