using System.Text.Json.Nodes;
using Broker.KmsAuthorizer.Configuration;

namespace Broker.KmsAuthorizer.Tests.Policy;

/// <summary>A policy file in a folder of its own, and the service that goes by it.</summary>
internal sealed class PolicyOnDisk : IAsyncDisposable
{
    public required RunningAuthorizer Authorizer { get; init; }

    public required string FilePath { get; init; }

    /// <summary>Permits the boot of <see cref="Boot.Request"/>, as a KMS and as an app.</summary>
    public static JsonObject Permissive() => new()
    {
        ["gatewayAppId"] = "0xgateway",
        ["osImages"] = new JsonArray($"0x{Boot.OsImage}"),
        ["kms"] = new JsonObject
        {
            ["mrAggregated"] = new JsonArray($"0x{Boot.Measurement}"),
            ["allowAnyDevice"] = true,
        },
        ["apps"] = new JsonObject
        {
            [$"0x{Boot.AppId}"] = new JsonObject
            {
                ["composeHashes"] = new JsonArray($"0x{Boot.ComposeHash}"),
                ["allowAnyDevice"] = true,
            },
        },
    };

    /// <param name="text">The file's content; null for no file.</param>
    public static async Task<PolicyOnDisk> WithAsync(string? text)
    {
        var folder = Directory.CreateTempSubdirectory("kms-authorizer-");
        var path = Path.Combine(folder.FullName, "auth-config.json");
        if (text is not null) await File.WriteAllTextAsync(path, text);
        return new PolicyOnDisk
        {
            FilePath = path,
            Authorizer = await RunningAuthorizer.StartAsync(new PolicyFileSettings(path)),
        };
    }

    public static Task<PolicyOnDisk> WithAsync(JsonNode policy) => WithAsync(policy.ToJsonString());

    public Task WriteAsync(JsonNode policy) => File.WriteAllTextAsync(FilePath, policy.ToJsonString());

    public Task<Answer> AskAsync(string path, params (string Name, JsonNode? Value)[] change) =>
        Authorizer.PostAsync(path, Boot.Request(change));

    public async ValueTask DisposeAsync()
    {
        await Authorizer.DisposeAsync();
        Directory.Delete(Path.GetDirectoryName(FilePath)!, recursive: true);
    }
}
