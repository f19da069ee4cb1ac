using System.Text;
using System.Text.Json.Serialization;
using Broker.Attestation.Decoding;
using Broker.Attestation.Evidence;
using Broker.Attestation.VirtualMachine;

namespace Broker.Attestation.GuestAgent;

/// <summary>A quote with the event log and the machine that belong to it, as <c>GetQuote</c> gives them.</summary>
/// <param name="EventLog">JSON text.</param>
/// <param name="VmConfig">JSON text, or empty.</param>
public sealed record GuestQuote(
    [property: JsonPropertyName("quote"), JsonConverter(typeof(HexBytesConverter)), JsonRequired]
    ReadOnlyMemory<byte> Quote,
    [property: JsonPropertyName("event_log"), JsonRequired] string EventLog,
    [property: JsonPropertyName("vm_config")] string? VmConfig)
{
    /// <summary>The same evidence as an envelope, which then claims the machine that the guest describes.</summary>
    public Decoded<VersionedAttestation> ToAttestation()
    {
        var attestation = TdxAttestation.FromQuoteAndEventLog(Quote, Encoding.UTF8.GetBytes(EventLog));
        return attestation.Succeeded ? attestation.Value with { Config = VmConfig ?? "" } : attestation;
    }
}

/// <summary>What a guest says of itself. Nothing of it is proven.</summary>
/// <param name="VmConfig">JSON text, or empty.</param>
public sealed record GuestDescription(
    [property: JsonPropertyName("vm_config")] string? VmConfig,
    [property: JsonPropertyName("app_id")] string? AppId,
    [property: JsonPropertyName("instance_id")] string? InstanceId,
    [property: JsonPropertyName("app_name")] string? AppName);

internal sealed record AttestAnswer(
    [property: JsonPropertyName("attestation"), JsonConverter(typeof(HexBytesConverter)), JsonRequired]
    ReadOnlyMemory<byte> Attestation);

internal sealed record ReportDataRequest(
    [property: JsonPropertyName("report_data"), JsonConverter(typeof(HexBytesConverter))]
    ReadOnlyMemory<byte> ReportData);

[JsonSourceGenerationOptions(MaxDepth = 32)]
[JsonSerializable(typeof(GuestQuote))]
[JsonSerializable(typeof(GuestDescription))]
[JsonSerializable(typeof(AttestAnswer))]
[JsonSerializable(typeof(ReportDataRequest))]
internal sealed partial class GuestAgentJson : JsonSerializerContext;
