using System.Text.Json.Nodes;
using Broker.Cli.Tests.Support;

namespace Broker.Cli.Tests.Iam;

/// <summary>
/// A broker whose roles have no session policy, and a local cloud that was told what <c>brokerctl iam</c> prints and
/// nothing else: what its sessions reach is what the printed documents say. Each role shows one way of doing it.
/// </summary>
public sealed class PrintedSite : IAsyncLifetime
{
    private const string Account = "111122223333";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("printed-site-");
    private ServerProcess? _broker;
    private ServerProcess? _cloud;

    internal Uri Cloud { get; private set; } = null!;

    internal Uri Broker { get; private set; } = null!;

    internal string Issuer => Broker.GetLeftPart(UriPartial.Authority);

    internal CommandLineUser User { get; private set; } = null!;

    internal string Omni { get; private set; } = "";

    internal string Wallet { get; private set; } = "";

    public async Task InitializeAsync()
    {
        var (port, cloudPort) = (ServerProcess.FreePort(), ServerProcess.FreePort());
        Broker = new Uri($"http://127.0.0.1:{port}/");
        Cloud = new Uri($"http://127.0.0.1:{cloudPort}/");
        var roles = Path.Combine(_folder.FullName, "roles.json");
        await File.WriteAllTextAsync(roles, $$"""
            {"roles":[
              {"name":"reports","arn":"{{Arn("teams/reports")}}","bucket":"acme-reports","session_policy":"none"},
              {"name":"prod","arn":"{{Arn("prod")}}","bucket":"acme-prod","via":"reports","session_policy":"none"}]}
            """);
        _broker = await ServerProcess.StartAsync(
            "Broker", _folder.FullName, new Uri(Broker, "healthz"),
            [
                ("BROKER_DEV_MODE", "true"), ("BROKER_PORT", $"{port}"), ("BROKER_LOG_LEVEL", "warn"),
                ("BROKER_DATA_DIR", Path.Combine(_folder.FullName, "data")), ("BROKER_SESSION_POLICY", "none"),
                ("BROKER_OIDC_SOURCE_IDENTITY", "true"), ("BROKER_ROLES_PATH", roles),
                ("AWS_ENDPOINT_URL_STS", Cloud.AbsoluteUri),
                ("BROKER_DATA_ROLE_ARN", Arn("mail")), ("BROKER_DATA_BUCKET", "acme-mail"),
                ("BROKER_VAULT_ROLE_ARN", Arn("vault")), ("BROKER_VAULT_BUCKET", "acme-vault"),
                ("BROKER_MEMORY_ROLE_ARN", Arn("memory")), ("BROKER_MEMORY_BUCKET", "acme-memory"),
            ]);
        User = new CommandLineUser(Broker);
        (await User.RunAsync("wallet", "new", "--key", User.KeyFile)).ShouldSucceed();
        (await User.RunAsync("login", "--wallet", User.KeyFile)).ShouldSucceed();
        var whoami = (await User.RunAsync("whoami", "--json")).ShouldSucceed().Json;
        Omni = whoami.GetProperty("omni_account").GetString()!;
        Wallet = whoami.GetProperty("wallet_address").GetString()!;

        var account = Path.Combine(_folder.FullName, "cloud.json");
        await File.WriteAllTextAsync(account, (await AccountAsync()).ToJsonString());
        _cloud = await ServerProcess.StartAsync(
            "Broker.LocalCloud", _folder.FullName, new Uri(Cloud, "healthz"), [],
            "--port", $"{cloudPort}", "--config", account, "--quiet");
    }

    public async Task DisposeAsync()
    {
        if (_broker is not null) await _broker.DisposeAsync();
        if (_cloud is not null) await _cloud.DisposeAsync();
        User?.Dispose();
        _folder.Delete(recursive: true);
    }

    internal static string Arn(string name) => $"arn:aws:iam::{Account}:role/{name}";

    /// <summary>The one document that a command prints with <c>--json</c>.</summary>
    internal async Task<JsonNode> PrintedAsync(params string[] arguments) =>
        JsonNode.Parse((await User.RunAsync(["iam", .. arguments, "--json"])).ShouldSucceed().Output)!;

    /// <summary>
    /// vault by the role's policy alone, memory by the bucket's alone, mail by both; vault demands the role pin. prod
    /// trusts reports and not the issuer.
    /// </summary>
    private async Task<JsonObject> AccountAsync()
    {
        var provider = await PrintedAsync("provider");
        return new JsonObject
        {
            ["account"] = Account,
            ["providers"] = new JsonArray(new JsonObject
            {
                ["issuer"] = provider["Url"]!.DeepClone(),
                ["clientIds"] = provider["ClientIDList"]!.DeepClone(),
            }),
            ["roles"] = new JsonArray(
                await RoleAsync("vault", "vault", hasPolicy: true, "--require-role-pin"),
                await RoleAsync("memory", "memory", hasPolicy: false),
                await RoleAsync("data", "mail", hasPolicy: true),
                await RoleAsync("reports", "teams/reports", hasPolicy: true),
                await RoleAsync("prod", "prod", hasPolicy: true)),
            ["buckets"] = new JsonArray(
                new JsonObject { ["name"] = "acme-vault" },
                await BucketAsync("memory", "acme-memory"),
                await BucketAsync("data", "acme-mail"),
                new JsonObject { ["name"] = "acme-reports" },
                await BucketAsync("prod", "acme-prod")),
        };
    }

    private async Task<JsonNode> RoleAsync(string role, string name, bool hasPolicy, params string[] more)
    {
        var document = new JsonObject
        {
            ["name"] = name,
            ["trustPolicy"] = await PrintedAsync(["trust-policy", "--role", role, .. more]),
        };
        if (hasPolicy) document["policies"] = new JsonArray(await PrintedAsync("role-policy", "--role", role));
        return document;
    }

    private async Task<JsonNode> BucketAsync(string role, string bucket) => new JsonObject
    {
        ["name"] = bucket,
        ["policy"] = await PrintedAsync("bucket-policy", "--role", role),
    };
}
