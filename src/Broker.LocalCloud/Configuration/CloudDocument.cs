using System.Text.Json;
using System.Text.Json.Serialization;

namespace Broker.LocalCloud.Configuration;

/// <summary>
/// The configuration file: what the account holds, as JSON. Comments and trailing commas are allowed, unknown members
/// are not. <c>Broker.LocalCloud --print-config</c> prints the built-in one, which is the example.
/// </summary>
internal sealed record CloudDocument
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        AllowDuplicateProperties = false,
        PropertyNameCaseInsensitive = false,
    };

    public required string Account { get; init; }

    public IReadOnlyList<ProviderDocument> Providers { get; init; } = [];

    public IReadOnlyList<RoleDocument> Roles { get; init; } = [];

    public IReadOnlyList<UserDocument> Users { get; init; } = [];

    public IReadOnlyList<BucketDocument> Buckets { get; init; } = [];

    /// <summary>Addresses and domains from which SES may send.</summary>
    public IReadOnlyList<string> MailIdentities { get; init; } = [];

    /// <exception cref="LocalCloudConfigurationException">The text is not such a document.</exception>
    public static CloudDocument Parse(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<CloudDocument>(json, Json)
                ?? throw new LocalCloudConfigurationException("the configuration is null");
        }
        catch (JsonException wrong)
        {
            throw new LocalCloudConfigurationException($"the configuration is not valid: {wrong.Message}");
        }
    }
}

/// <param name="Issuer">The tokens' <c>iss</c>, byte for byte.</param>
/// <param name="ClientIds">The audiences that the provider accepts.</param>
internal sealed record ProviderDocument(string Issuer, IReadOnlyList<string> ClientIds);

/// <param name="Name">The role's name, with its path if it has one.</param>
/// <param name="MaxSessionSeconds">3600 to 43200.</param>
internal sealed record RoleDocument(
    string Name, JsonElement TrustPolicy, IReadOnlyList<JsonElement>? Policies = null, int MaxSessionSeconds = 3600);

/// <param name="AccessKeyId">Made up when absent, together with the secret.</param>
internal sealed record UserDocument(
    string Name, string? AccessKeyId = null, string? SecretAccessKey = null,
    IReadOnlyList<JsonElement>? Policies = null);

/// <param name="Policy">The bucket's policy, or null.</param>
internal sealed record BucketDocument(string Name, JsonElement? Policy = null);
