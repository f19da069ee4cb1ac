using System.Text.Json.Serialization;
using Broker.Cli.Terminal;

namespace Broker.Cli.Dev;

/// <summary>How the two servers of a laptop know each other.</summary>
internal sealed class DevSite(DevState state)
{
    public const string VaultBucket = "agentkeys-vault-000000000000";
    private static readonly string[] Roles = ["data", "vault", "memory", "config"];

    public Uri Broker { get; } = new($"http://127.0.0.1:{state.BrokerPort}/");

    public Uri Cloud { get; } = new($"http://127.0.0.1:{state.CloudPort}/");

    private string Issuer => Broker.GetLeftPart(UriPartial.Authority);

    public string[] CloudArguments =>
        ["--port", $"{state.CloudPort}", "--issuer", Issuer, "--data", Path.Combine(state.Folder, "cloud")];

    /// <summary>The broker's: development mode, and the roles that the local cloud has.</summary>
    public IEnumerable<(string Name, string Value)> Settings =>
    [
        ("BROKER_DEV_MODE", "true"),
        ("BROKER_PORT", $"{state.BrokerPort}"),
        ("BROKER_DATA_DIR", Path.Combine(state.Folder, "broker")),
        ("AWS_ENDPOINT_URL_STS", Cloud.AbsoluteUri),
        ("AWS_ENDPOINT_URL_S3", Cloud.AbsoluteUri),
        .. Roles.SelectMany(role => new[]
        {
            ($"BROKER_{role.ToUpperInvariant()}_ROLE_ARN", $"arn:aws:iam::000000000000:role/agentkeys-{role}-role"),
            ($"BROKER_{role.ToUpperInvariant()}_BUCKET", $"agentkeys-{(role == "data" ? "mail" : role)}-000000000000"),
        }),
    ];
}

/// <summary>What <c>dev --json</c> prints once all runs.</summary>
internal sealed record DevAnswer(
    string BrokerUrl, string CloudUrl, string StateFolder, string OmniAccount, string? WalletAddress, string Bucket,
    string TokenFile);

[JsonSerializable(typeof(DevAnswer))]
internal sealed partial class DevJson : JsonSerializerContext
{
    public static DevJson Line { get; } = new(JsonOutput.Line);
}
