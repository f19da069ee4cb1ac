using System.Text.Json;
using Broker.Foundation;
using Broker.Foundation.Results;

namespace Broker.KmsAuthorizer.Http;

/// <summary>
/// Reads the webhook's request body. Six texts are required; <c>tcbStatus</c>, <c>advisoryIds</c> and <c>mrSystem</c>
/// may be absent; other members (<c>teeVariant</c>, <c>attestationMode</c>, <c>keyProviderInfo</c>, the event log of
/// old KMS versions) are ignored. Nothing is coerced: a number or null where a text belongs is a fault, and so is a
/// member given twice, since two readers could then see two different requests.
/// </summary>
internal sealed class BootInfoReader
{
    private const int MaxTextLength = 1024;
    private const int MaxTcbStatusLength = 128;
    private const int MaxAdvisories = 128;
    private const int MaxAdvisoryLength = 256;

    /// <summary>Old KMS versions attach their event log, which nests; nothing of it is read.</summary>
    private const int MaxDepth = 64;

    private readonly JsonElement _body;
    private string? _fault;

    private BootInfoReader(JsonElement body) => _body = body;

    public static Result<BootInfo> Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = StrictJson.Parse(json, MaxDepth);
            return document.RootElement.ValueKind is JsonValueKind.Object
                ? new BootInfoReader(document.RootElement).Read()
                : Refused("body: must be a JSON object");
        }
        catch (JsonException)
        {
            return Refused("body: is not well-formed JSON");
        }
    }

    private Result<BootInfo> Read()
    {
        var info = new BootInfo(
            MrAggregated: Required("mrAggregated"),
            MrSystem: Optional("mrSystem", MaxTextLength),
            OsImageHash: Required("osImageHash"),
            AppId: Required("appId"),
            ComposeHash: Required("composeHash"),
            InstanceId: Required("instanceId"),
            DeviceId: Required("deviceId"),
            TcbStatus: Optional("tcbStatus", MaxTcbStatusLength),
            AdvisoryIds: Advisories("advisoryIds"));
        return _fault is null ? info : Refused(_fault);
    }

    private static Refusal Refused(string fault) => new(RequestRefusals.InvalidRequest, fault);

    private string Required(string name) => _body.TryGetProperty(name, out var value)
        ? Text(name, value, MaxTextLength)
        : Refuse(name, "is required");

    private string Optional(string name, int maxLength) =>
        _body.TryGetProperty(name, out var value) ? Text(name, value, maxLength) : "";

    private List<string> Advisories(string name)
    {
        if (!_body.TryGetProperty(name, out var list)) return [];
        if (list.ValueKind is not JsonValueKind.Array || list.GetArrayLength() > MaxAdvisories)
        {
            Refuse(name, $"must be a list of at most {MaxAdvisories} texts");
            return [];
        }

        return [.. list.EnumerateArray().Select(id => Text(name, id, MaxAdvisoryLength))];
    }

    private string Text(string name, JsonElement value, int maxLength)
    {
        if (value.ValueKind is not JsonValueKind.String) return Refuse(name, "must be a text");
        var text = value.GetString()!;
        return text.Length <= maxLength ? text : Refuse(name, $"is longer than {maxLength} characters");
    }

    private string Refuse(string name, string reason)
    {
        _fault ??= $"{name}: {reason}";
        return "";
    }
}
