using System.Text;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Broker.LocalCloud;
using Broker.LocalCloud.Configuration;
using Broker.Tests.Hosting;

namespace Broker.Tests.Inbox;

/// <summary>
/// A broker and the local cloud that trusts it: STS verifies the broker's tokens, S3 decides by role, bucket and
/// session policy. Mail is put into the caller's own prefix with credentials that the caller minted.
/// </summary>
internal sealed class MailSite : IAsyncDisposable
{
    public const string Bucket = "agentkeys-mail-000000000000";
    public const string DataRole = "arn:aws:iam::000000000000:role/agentkeys-data-role";

    /// <summary>The cloud's user for a broker that calls it with rights of its own.</summary>
    public static readonly LocalCloudAccessKey DaemonKey = new("AKIADAEMON0000000000", "the-secret-of-the-daemon-user");

    private readonly LocalCloudOptions _cloudOptions;

    private MailSite(LocalCloudOptions cloudOptions, LocalCloudHost cloud, TestClock clock, BrokerApp broker) =>
        (_cloudOptions, Cloud, CloudClock, Broker) = (cloudOptions, cloud, clock, broker);

    public BrokerApp Broker { get; }

    public LocalCloudHost Cloud { get; private set; }

    public string Issuer => _cloudOptions.Issuer;

    /// <summary>The SDK signs by the machine's clock, so this one stays within a quarter of an hour of it.</summary>
    public TestClock CloudClock { get; }

    /// <param name="configuration">Makes the account of the broker's issuer; null takes the built-in one.</param>
    public static async Task<MailSite> StartAsync(
        Func<string, string>? configuration = null, params (string Name, string Value)[] settings)
    {
        var port = Peers.FreePort();
        var issuer = $"http://127.0.0.1:{port}";
        var clock = new TestClock();
        clock.AdjustTime(DateTimeOffset.UtcNow);
        var options = new LocalCloudOptions
        {
            Port = 0,
            Issuer = issuer,
            Configuration = configuration?.Invoke(issuer),
            Clock = clock,
            DaemonKey = DaemonKey,
        };
        var cloud = await LocalCloudHost.StartAsync(options);
        var url = cloud.BaseAddress.ToString();
        var broker = await BrokerApp.StartAsync(
        [
            ("BROKER_DEV_MODE", "true"), ("BROKER_PORT", $"{port}"), ("BROKER_OIDC_ISSUER", issuer),
            ("BROKER_DATA_ROLE_ARN", DataRole), ("BROKER_DATA_BUCKET", Bucket), ("AWS_ENDPOINT_URL_STS", url),
            ("AWS_ENDPOINT_URL_S3", url), ("AWS_ENDPOINT_URL_SESV2", url), .. settings,
        ]);
        broker.Clock.AdjustTime(DateTimeOffset.UtcNow);
        return new MailSite(options, cloud, clock, broker);
    }

    /// <summary>Puts an object below the caller's own prefix, some seconds after the last one.</summary>
    public async Task PutAsync(string session, string key, byte[] message)
    {
        var minted = (await Broker.PostAsync("/v1/mint-aws-creds", new { role = "data" }, session)).ShouldBeOk();
        CloudClock.Advance(TimeSpan.FromSeconds(2));
        using var s3 = S3(new SessionAWSCredentials(
            minted["access_key_id"], minted["secret_access_key"], minted["session_token"]));
        using var body = new MemoryStream(message);
        await s3.PutObjectAsync(new PutObjectRequest { BucketName = Bucket, Key = key, InputStream = body });
    }

    public Task PutAsync(string session, string key, string message) =>
        PutAsync(session, key, Encoding.UTF8.GetBytes(message));

    public AmazonS3Client S3(AWSCredentials credentials) => new(credentials, new AmazonS3Config
    {
        ServiceURL = Cloud.BaseAddress.ToString(),
        AuthenticationRegion = "us-east-1",
        ForcePathStyle = true,
    });

    public Task<Answer> GetAsync(string path, string session) =>
        Broker.GetAsync(path, ("Authorization", $"Bearer {session}"));

    /// <summary>Access keys that the ledger says were issued.</summary>
    public int IssuedKeys => Broker.MintLog().Count(row => row is { Kind: "aws_credentials", Outcome: "ok" });

    /// <summary>The cloud ends and comes back at its address with nothing that it knew: no keys, no objects.</summary>
    public async Task RestartCloudAsync()
    {
        var port = Cloud.BaseAddress.Port;
        await Cloud.DisposeAsync();
        Cloud = await LocalCloudHost.StartAsync(_cloudOptions with { Port = port });
    }

    public async ValueTask DisposeAsync()
    {
        await Broker.DisposeAsync();
        await Cloud.DisposeAsync();
    }
}
