using System.Diagnostics;
using System.Text;
using Amazon.Runtime;
using Amazon.S3;
using Broker.Inbox.Routing;
using Broker.LocalCloud;
using Broker.LocalCloud.Configuration;
using Broker.Tests.Hosting;

namespace Broker.Tests.Inbox;

/// <summary><c>Broker route-mail</c> as a process, against the local cloud's S3.</summary>
public sealed class RouteMailTests : IAsyncLifetime
{
    private const string Bucket = "agentkeys-mail";
    private const string Wallet = "0x7b168987797ef0c8da9fade558f1bf154e6e0426";
    private const string Account =
        """
        {
          "account": "000000000000",
          "users": [{ "name": "router", "policies": [{ "Version": "2012-10-17", "Statement": [
            { "Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::agentkeys-mail" },
            { "Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"],
              "Resource": "arn:aws:s3:::agentkeys-mail/*" }
          ] }] }, { "name": "owner", "policies": [{ "Version": "2012-10-17", "Statement": [
            { "Effect": "Allow", "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::agentkeys-mail/bots/*" }
          ] }] }],
          "buckets": [{ "name": "agentkeys-mail" }]
        }
        """;

    private LocalCloudHost _cloud = null!;
    private AmazonS3Client _s3 = null!;

    private (string Name, string Value)[] Environment =>
    [
        ("AWS_ACCESS_KEY_ID", _cloud.AccessKeys["router"].AccessKeyId),
        ("AWS_SECRET_ACCESS_KEY", _cloud.AccessKeys["router"].SecretAccessKey),
        ("AWS_ENDPOINT_URL_S3", _cloud.BaseAddress.ToString()), ("AWS_EC2_METADATA_DISABLED", "true"),
    ];

    public async Task InitializeAsync()
    {
        _cloud = await LocalCloudHost.StartAsync(new LocalCloudOptions { Port = 0, Configuration = Account });
        _s3 = S3Of("router");
    }

    public async Task DisposeAsync()
    {
        _s3.Dispose();
        await _cloud.DisposeAsync();
    }

    [Fact]
    public async Task Copies_a_message_under_its_wallet_once_and_leaves_the_others()
    {
        var mine = $"Subject: hi\r\nTo: Bot <OR-0x{Wallet[2..].ToUpperInvariant()}-7@bots.example.test>\r\n\r\nhello";
        await PutAsync("inbound/m1", mine);
        await PutAsync("inbound/nobodys", "To: someone@bots.example.test\r\n\r\nhello");
        await PutAsync("inbound/AMAZON_SES_SETUP_NOTIFICATION", mine);
        await PutAsync("inbound/empty", "");
        await PutAsync("inbound/not a name", mine);

        var first = await RunOnceAsync();
        var second = await RunOnceAsync();

        (first.ExitCode, first.Output).ShouldBe((0, "{\"routed\":1,\"skipped\":4}\n"), first.Errors);
        second.Output.ShouldBe("{\"routed\":0,\"skipped\":5}\n");
        using var copy = await _s3.GetObjectAsync(Bucket, $"bots/{Wallet}/inbound/m1");
        using var text = new StreamReader(copy.ResponseStream);
        (await text.ReadToEndAsync()).ShouldBe(mine);
        (await _s3.ListObjectsV2Async(new() { BucketName = Bucket, Prefix = "bots/" })).S3Objects.Count.ShouldBe(1);
        (await _s3.ListObjectsV2Async(new() { BucketName = Bucket, Prefix = "inbound/" })).S3Objects
            .Count(one => !one.Key.StartsWith("inbound/routed/", StringComparison.Ordinal)).ShouldBe(5);
    }

    /// <summary>Each round is a process of its own, with nothing in memory.</summary>
    [Fact]
    public async Task A_copy_that_its_owner_deleted_stays_away_and_a_new_message_of_that_name_comes()
    {
        await PutAsync("inbound/m1", $"To: or-{Wallet}-1@bots.example.test\r\n\r\nfirst");
        (await RunOnceAsync()).Output.ShouldBe("{\"routed\":1,\"skipped\":0}\n");
        await DeleteCopyAsync();

        (await RunOnceAsync()).Output.ShouldBe("{\"routed\":0,\"skipped\":1}\n");
        ((await _s3.ListObjectsV2Async(new() { BucketName = Bucket, Prefix = "bots/" })).S3Objects ?? [])
            .ShouldBeEmpty();

        await PutAsync("inbound/m1", $"To: or-{Wallet}-1@bots.example.test\r\n\r\nsecond");
        (await RunOnceAsync()).Output.ShouldBe("{\"routed\":1,\"skipped\":0}\n");
    }

    [Fact]
    public async Task A_copy_made_before_there_were_marks_stays_away_too_once_it_was_seen()
    {
        await PutAsync("inbound/m1", $"To: or-{Wallet}-1@bots.example.test\r\n\r\nhello");
        await PutAsync($"bots/{Wallet}/inbound/m1", "as an older router left it");
        (await RunOnceAsync()).Output.ShouldBe("{\"routed\":0,\"skipped\":1}\n");
        await DeleteCopyAsync();

        (await RunOnceAsync()).Output.ShouldBe("{\"routed\":0,\"skipped\":1}\n");
    }

    [Fact]
    public async Task Polls_through_a_fault_until_SIGTERM()
    {
        await PutAsync("inbound/m1", $"To: or-{Wallet}-1@bots.example.test\r\n\r\nhello");
        var start = new ProcessStartInfo("dotnet",
            [Path.Combine(AppContext.BaseDirectory, "Broker.dll"), "route-mail", "--bucket", Bucket])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in Environment) start.Environment[name] = value;
        using var router = Process.Start(start)!;
        var errors = router.StandardError.ReadToEndAsync();

        (await router.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(90)))
            .ShouldBe("{\"routed\":1,\"skipped\":0}");
        Faults.Command.Run("kill", "-TERM", $"{router.Id}");

        await router.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(90));
        router.ExitCode.ShouldBe(0, await errors);
    }

    [Fact]
    public async Task Tells_a_refusal_by_its_code_and_ends_with_1()
    {
        var ended = await BrokerProcess.RunAsync(Environment, "route-mail", "--bucket", "another-bucket", "--once");

        ended.ExitCode.ShouldBe(1);
        ended.Errors.ShouldContain("route-mail: S3 refused: NoSuchBucket");
        ended.Output.ShouldBeEmpty();
    }

    [Fact]
    public async Task Asks_for_a_bucket_by_S3s_rules()
    {
        (await BrokerProcess.RunAsync(Environment, "route-mail", "--once")).ExitCode.ShouldNotBe(0);
        var ended = await BrokerProcess.RunAsync(Environment, "route-mail", "--bucket", "Not_A_Bucket", "--once");

        ended.ExitCode.ShouldNotBe(0);
        ended.Errors.ShouldContain("must be a bucket name");
    }

    [Theory]
    [InlineData($"To: or-{Wallet}-1@x", Wallet)]
    [InlineData($"to:\r\n OR-{Wallet}-1@x", Wallet)]
    [InlineData($"To: a@x, \"B\" <or-{Wallet}-22@x>", Wallet)]
    [InlineData($"Subject: To: or-{Wallet}-1@x", null)]
    [InlineData($"To: or-{Wallet}-@x", null)]
    [InlineData($"To: or-{Wallet}0-1@x", null)]
    [InlineData($"To: xor-{Wallet}-1@x", null)]
    [InlineData("To: or-0x7b16-1@x", null)]
    [InlineData($"Cc: or-{Wallet}-1@x", null)]
    [InlineData($"Subject: x\r\n\r\nTo: or-{Wallet}-1@x", null)]
    [InlineData("To: ((((", null)]
    [InlineData("", null)]
    public void The_wallet_is_in_the_local_part_of_To(string head, string? wallet) =>
        RoutedMail.WalletOf(Encoding.UTF8.GetBytes(head)).ShouldBe(wallet);

    [Fact]
    public void Only_the_first_8_KiB_are_looked_at() =>
        RoutedMail.WalletOf(Encoding.UTF8.GetBytes($"X: {new string('x', 9000)}\r\nTo: or-{Wallet}-1@x"))
            .ShouldBeNull();

    private Task<Ended> RunOnceAsync() =>
        BrokerProcess.RunAsync(Environment, "route-mail", "--bucket", Bucket, "--once");

    private AmazonS3Client S3Of(string user)
    {
        var key = _cloud.AccessKeys[user];
        return new AmazonS3Client(new BasicAWSCredentials(key.AccessKeyId, key.SecretAccessKey), new AmazonS3Config
        {
            ServiceURL = _cloud.BaseAddress.ToString(),
            AuthenticationRegion = "us-east-1",
            ForcePathStyle = true,
        });
    }

    private async Task DeleteCopyAsync()
    {
        using var owner = S3Of("owner");
        await owner.DeleteObjectAsync(Bucket, $"bots/{Wallet}/inbound/m1");
    }

    private Task PutAsync(string key, string body) =>
        _s3.PutObjectAsync(new() { BucketName = Bucket, Key = key, ContentBody = body });
}
