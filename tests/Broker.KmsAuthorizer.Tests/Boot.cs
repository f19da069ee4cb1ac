using System.Text.Json.Nodes;

namespace Broker.KmsAuthorizer.Tests;

/// <summary>A boot request as a KMS sends it: every key, in its order, hex in lower case without a prefix.</summary>
internal static class Boot
{
    public const string AppId = "1111111111111111111111111111111111111111";
    public const string InstanceId = "3333333333333333333333333333333333333333";

    public static readonly string OsImage = new('a', 64);
    public static readonly string Measurement = new('b', 64);
    public static readonly string Device = new('d', 64);
    public static readonly string ComposeHash = new('c', 64);
    public static readonly string SystemMeasurement = new('e', 64);

    /// <param name="change">What this request has otherwise; null removes the member.</param>
    public static JsonObject Request(params (string Name, JsonNode? Value)[] change)
    {
        var request = new JsonObject
        {
            ["teeVariant"] = "dstack-tdx",
            ["mrAggregated"] = Measurement,
            ["osImageHash"] = OsImage,
            ["mrSystem"] = SystemMeasurement,
            ["appId"] = AppId,
            ["composeHash"] = ComposeHash,
            ["instanceId"] = InstanceId,
            ["deviceId"] = Device,
            ["keyProviderInfo"] = "7b7d",
            ["tcbStatus"] = "UpToDate",
            ["advisoryIds"] = new JsonArray(),
        };
        foreach (var (name, value) in change)
        {
            if (value is null) request.Remove(name);
            else request[name] = value;
        }

        return request;
    }
}
