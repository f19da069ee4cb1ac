using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Broker.Cryptography;
using Broker.EndToEnd.Clients;
using Broker.EndToEnd.Processes;
using Broker.Ledger.Reading;
using Broker.Ledger.Sqlite;

namespace Broker.EndToEnd.Radosgw;

/// <summary>
/// The whole site: radosgw, the broker registered there as an OIDC provider, two roles that trust it with a bucket
/// each, and two wallets that are signed in. Set up once for all tests over it, by the calls that an operator makes.
/// </summary>
public sealed class RadosgwSite : IAsyncLifetime
{
    internal const string VaultBucket = "agentkeys-vault";
    internal const string DataBucket = "agentkeys-mail";
    private const string VaultRole = "agentkeys-vault-role";
    private const string DataRole = "agentkeys-data-role";

    private readonly TemporaryFolder _folder = new();
    private readonly Secp256k1PrivateKey _alicesWallet = Secp256k1PrivateKey.Generate();
    private readonly Secp256k1PrivateKey _bobsWallet = Secp256k1PrivateKey.Generate();

    internal RadosgwCluster Cluster { get; private set; } = null!;

    internal BrokerProcess Broker { get; private set; } = null!;

    internal BrokerClient Client { get; private set; } = null!;

    internal WalletSession Alice { get; private set; } = null!;

    internal WalletSession Bob { get; private set; } = null!;

    /// <summary>Static gates, which a test writes anew.</summary>
    internal string GatesFile => _folder.File("gates.json");

    /// <summary>As the broker has exported it.</summary>
    internal string SessionPublicKeyFile => _folder.File("session.pub.pem");

    internal string OidcKeyFile => _folder.File("oidc-keypair.json");

    /// <summary>The key of a CI system whose jobs get the vault's role.</summary>
    internal ECDsa JobKey { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    internal LedgerReader OpenLedger() => SqliteLedger.OpenReader(_folder.File("audit.sqlite"));

    /// <summary>An ARN there has no account id.</summary>
    internal static string ArnOf(string role) => $"arn:aws:iam:::role/{role}";

    internal static string VaultRoleArn => ArnOf(VaultRole);

    internal static string DataRoleArn => ArnOf(DataRole);

    public async Task InitializeAsync()
    {
        if (!RadosgwTools.Present) return;
        Cluster = await RadosgwCluster.StartAsync();
        await WriteIssuersAsync();
        await WriteAsync(GatesFile, """{"k3_epoch":3,"devices":[],"scopes":[]}""");
        Broker = await BrokerProcess.StartAsync(_folder.Path, LoopbackPort.Free(), new Dictionary<string, string>
        {
            ["BROKER_STS_MODE"] = "web_identity",
            ["BROKER_STS_TIMEOUT_SECONDS"] = "10",
            ["AWS_ENDPOINT_URL_STS"] = Cluster.Endpoint.AbsoluteUri,
            ["AWS_ENDPOINT_URL_S3"] = Cluster.Endpoint.AbsoluteUri,
            ["BROKER_DATA_ROLE_ARN"] = DataRoleArn,
            ["BROKER_DATA_BUCKET"] = DataBucket,
            ["BROKER_VAULT_ROLE_ARN"] = VaultRoleArn,
            ["BROKER_VAULT_BUCKET"] = VaultBucket,
            ["BROKER_FOREIGN_ISSUERS_FILE"] = _folder.File("issuers.json"),
            ["BROKER_CAPABILITY_GATES"] = "static",
            ["BROKER_CAPABILITY_STATIC_PATH"] = GatesFile,
        }, "--export-session-pubkey-to", SessionPublicKeyFile);
        Client = new BrokerClient(Broker.Address);
        await RegisterProviderAsync(Cluster, Broker, Client);
        await CreateRoleAsync(VaultRole, VaultBucket);
        await CreateRoleAsync(DataRole, DataBucket);
        Alice = await Client.SignInAsync(_alicesWallet);
        Bob = await Client.SignInAsync(_bobsWallet);
    }

    public async Task DisposeAsync()
    {
        Client?.Dispose();
        if (Broker is not null) await Broker.DisposeAsync();
        if (Cluster is not null) await Cluster.DisposeAsync();
        _alicesWallet.Dispose();
        _bobsWallet.Dispose();
        _folder.Dispose();
        JobKey.Dispose();
    }

    /// <summary>Credentials from the broker for one of its roles, narrowed to the session's own prefix.</summary>
    internal async Task<(Answer Minted, AwsCli Aws)> MintAsync(WalletSession session, string role = "vault")
    {
        var minted = (await Client.PostAsync("v1/mint-aws-creds?receipt=full", new { role }, session)).Ok();
        return (minted, new AwsCli(Cluster.Endpoint, AwsKeys.From(minted)));
    }

    /// <summary>
    /// The role may do anything in its bucket; what a session may do beyond that is the session policy's matter.
    /// </summary>
    internal async Task GrantBucketAsync(string role, string bucket)
    {
        var policy = JsonSerializer.Serialize(new
        {
            Version = "2012-10-17",
            Statement = new[]
            {
                new
                {
                    Effect = "Allow",
                    Action = new[] { "s3:*" },
                    Resource = new[] { $"arn:aws:s3:::{bucket}", $"arn:aws:s3:::{bucket}/*" },
                },
            },
        });
        await Cluster.Admin.JsonAsync(
            "iam", "put-role-policy", "--role-name", role, "--policy-name", "bucket", "--policy-document", policy);
    }

    private async Task WriteIssuersAsync()
    {
        var point = JobKey.ExportParameters(false).Q;
        var key = new { kty = "EC", crv = "P-256", x = Base64Url.EncodeToString(point.X), y = Base64Url.EncodeToString(point.Y) };
        await WriteAsync(_folder.File("issuers.json"), JsonSerializer.Serialize(new
        {
            issuers = new[]
            {
                new
                {
                    issuer = "https://ci.example",
                    jwks = new { keys = new[] { key } },
                    rules = new[] { new { name = "jobs", claims = new { sub = "job-*" }, roles = new[] { "vault" } } },
                },
            },
        }));
    }

    /// <summary>A file that its owner alone may write.</summary>
    private static async Task WriteAsync(string path, string text)
    {
        await File.WriteAllTextAsync(path, text);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    /// <summary>Tells radosgw of a broker, and of every key that it publishes now.</summary>
    internal static async Task RegisterProviderAsync(RadosgwCluster cluster, BrokerProcess broker, BrokerClient client)
    {
        // radosgw 16.2 verifies with the certificate in x5c and wants its SHA-1 among the provider's thumbprints.
        var keys = (await client.GetAsync(".well-known/jwks.json")).Body.GetProperty("keys").EnumerateArray()
            .Select(key => Convert.FromBase64String(key.GetProperty("x5c")[0].GetString()!));
#pragma warning disable CA5350 // IAM defines the thumbprint as SHA-1.
        var thumbprints = keys.Select(certificate => Convert.ToHexString(SHA1.HashData(certificate)));
#pragma warning restore CA5350
        await cluster.Admin.JsonAsync(
        [
            "iam", "create-open-id-connect-provider", "--url", broker.Issuer,
            "--client-id-list", "sts.amazonaws.com", "--thumbprint-list", .. thumbprints,
        ]);
    }

    private async Task CreateRoleAsync(string role, string bucket)
    {
        await Cluster.Admin.JsonAsync("s3api", "create-bucket", "--bucket", bucket);
        await CreateRoleAsync(Cluster, role, Broker.Address.Authority);
        await GrantBucketAsync(role, bucket);
    }

    /// <summary>A role that tokens of this provider may take.</summary>
    internal static async Task CreateRoleAsync(RadosgwCluster cluster, string role, string provider)
    {
        // Without sts:TagSession a token that carries session tags is refused, there as on AWS. The policy has no white
        // space because radosgw 16.2 calls some documents with blanks between closing braces malformed.
        var trust = JsonSerializer.Serialize(new
        {
            Version = "2012-10-17",
            Statement = new[]
            {
                new
                {
                    Effect = "Allow",
                    Principal = new { Federated = new[] { $"arn:aws:iam:::oidc-provider/{provider}" } },
                    Action = new[] { "sts:AssumeRoleWithWebIdentity", "sts:TagSession" },
                    Condition = new
                    {
                        StringLike = new Dictionary<string, string> { [$"{provider}:sub"] = "agentkeys:agent:*" },
                    },
                },
            },
        });
        await cluster.Admin.JsonAsync(
            "iam", "create-role", "--role-name", role, "--assume-role-policy-document", trust);
    }
}

/// <summary>One site for all these tests, which then run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class RadosgwTests : ICollectionFixture<RadosgwSite>
{
    public const string Name = "radosgw";
}
