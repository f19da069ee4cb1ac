using System.Text.Json.Nodes;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.SecurityToken.Model;
using Amazon.SecurityToken;
using Broker.LocalCloud.Configuration;
using Microsoft.Extensions.Time.Testing;

namespace Broker.LocalCloud.Tests.Support;

/// <summary>A running local cloud with an issuer that it trusts, and Amazon's own clients for it.</summary>
internal sealed class CloudUnderTest : IAsyncDisposable
{
    public const string VaultRole = "arn:aws:iam::000000000000:role/agentkeys-vault-role";
    public const string DataRole = "arn:aws:iam::000000000000:role/agentkeys-data-role";
    public const string VaultBucket = "agentkeys-vault-000000000000";
    public const string MailBucket = "agentkeys-mail-000000000000";

    private CloudUnderTest(TestIssuer issuer, LocalCloudHost host, FakeTimeProvider clock) =>
        (Issuer, Host, Clock) = (issuer, host, clock);

    public TestIssuer Issuer { get; }

    public LocalCloudHost Host { get; }

    public FakeTimeProvider Clock { get; }

    /// <param name="configuration">
    /// Makes the account's JSON from the issuer's address; null takes the built-in account.
    /// </param>
    public static async Task<CloudUnderTest> StartAsync(
        Func<string, string>? configuration = null, Func<LocalCloudOptions, LocalCloudOptions>? with = null)
    {
        var issuer = new TestIssuer();
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var options = new LocalCloudOptions
        {
            Port = 0,
            Issuer = issuer.Address,
            Configuration = configuration?.Invoke(issuer.Address),
            Clock = clock,
        };
        var host = await LocalCloudHost.StartAsync(with?.Invoke(options) ?? options);
        return new(issuer, host, clock);
    }

    /// <summary>Sets the cloud's clock; Amazon's clients sign with the machine's.</summary>
    public void SetClockAhead(TimeSpan ahead) => Clock.AdjustTime(DateTimeOffset.UtcNow + ahead);

    /// <summary>An STS client; without credentials it signs nothing.</summary>
    public AmazonSecurityTokenServiceClient Sts(AWSCredentials? credentials = null) => new(
        credentials ?? new AnonymousAWSCredentials(),
        new AmazonSecurityTokenServiceConfig
        {
            ServiceURL = Host.BaseAddress.ToString(),
            AuthenticationRegion = "us-east-1",
            MaxErrorRetry = 0,
        });

    public AmazonSecurityTokenServiceClient DaemonSts() => Sts(DaemonCredentials());

    public BasicAWSCredentials DaemonCredentials()
    {
        var key = Host.AccessKeys["agentkeys-daemon"];
        return new(key.AccessKeyId, key.SecretAccessKey);
    }

    /// <param name="settings">Changes the client's defaults, which are those of the SDK.</param>
    public AmazonS3Client S3(AWSCredentials credentials, Action<AmazonS3Config>? settings = null)
    {
        var config = new AmazonS3Config
        {
            ServiceURL = Host.BaseAddress.ToString(),
            AuthenticationRegion = "us-east-1",
            ForcePathStyle = true,
            MaxErrorRetry = 0,
        };
        settings?.Invoke(config);
        return new(credentials, config);
    }

    public AssumeRoleWithWebIdentityRequest WebIdentityRequest(JsonObject claims, string role = VaultRole) => new()
    {
        RoleArn = role,
        RoleSessionName = "agentkeys-test",
        WebIdentityToken = Issuer.Sign(claims),
    };

    public async Task<Credentials> AssumeAsync(
        string omni = Actors.Alice, string role = VaultRole, string? policy = null)
    {
        using var sts = Sts();
        var request = WebIdentityRequest(Issuer.Claims(omni), role);
        request.Policy = policy;
        return (await sts.AssumeRoleWithWebIdentityAsync(request)).Credentials;
    }

    /// <summary>The error code with which STS refuses, as the SDK sees it; and its message.</summary>
    public async Task<(string Code, string Message)> RefusalOfAsync(AssumeRoleWithWebIdentityRequest request)
    {
        using var sts = Sts();
        var refusal = await Should.ThrowAsync<AmazonSecurityTokenServiceException>(
            () => sts.AssumeRoleWithWebIdentityAsync(request));
        return (refusal.ErrorCode, refusal.Message);
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        Issuer.Dispose();
    }
}
