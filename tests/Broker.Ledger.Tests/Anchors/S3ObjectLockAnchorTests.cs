using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Amazon.Runtime;
using Amazon.S3;
using Broker.Ledger.Anchors;

namespace Broker.Ledger.Tests.Anchors;

public sealed class S3ObjectLockAnchorTests : IDisposable
{
    private readonly HttpListener _server = new();
    private readonly ConcurrentQueue<(string Path, WebHeaderCollection Headers)> _puts = [];
    private readonly AmazonS3Client _client;
    private readonly Task _serving;
    private int _status = 200;

    public S3ObjectLockAnchorTests()
    {
        var address = $"http://127.0.0.1:{FreePort()}/";
        _server.Prefixes.Add(address);
        _server.Start();
        _serving = ServeAsync();
        _client = new AmazonS3Client(new BasicAWSCredentials("AKIDEXAMPLE", "secret"), new AmazonS3Config
        {
            ServiceURL = address,
            ForcePathStyle = true,
            MaxErrorRetry = 0,
        });
    }

    public void Dispose()
    {
        _client.Dispose();
        _server.Close();
        _serving.Wait();
    }

    [Fact]
    public async Task Puts_a_checkpoint_that_cannot_be_removed_until_its_retention_ends()
    {
        var receipt = await Anchor().AnchorAsync(new AnchoredCheckpoint(42, "note\n"), CancellationToken.None);

        var (path, headers) = _puts.ShouldHaveSingleItem();
        path.ShouldBe("/audit/prod/checkpoints/00000000000000000042");
        headers["x-amz-object-lock-mode"].ShouldBe("COMPLIANCE");
        DateTimeOffset.Parse(headers["x-amz-object-lock-retain-until-date"]!)
            .ShouldBe(DateTimeOffset.UtcNow.AddDays(30), TimeSpan.FromMinutes(5));
        receipt.Detail.ShouldContain("checkpoints/00000000000000000042");
    }

    [Fact]
    public async Task Puts_archives_by_row_ids()
    {
        await Anchor().ArchiveAsync(new RowArchive(1, 10_000, [1, 2, 3]), CancellationToken.None);

        _puts.ShouldHaveSingleItem().Path
            .ShouldBe("/audit/prod/rows/00000000000000000001-00000000000000010000.ndjson.gz");
    }

    [Fact]
    public async Task A_bucket_that_refuses_is_a_failure_that_names_the_object()
    {
        _status = 403;

        var fault = await Should.ThrowAsync<AnchorFailedException>(
            Anchor().AnchorAsync(new AnchoredCheckpoint(42, "note\n"), CancellationToken.None));

        fault.Message.ShouldContain("s3://audit/prod/checkpoints/");
    }

    private S3ObjectLockAnchor Anchor() => new(
        _client, new S3AnchorOptions { Bucket = "audit", Prefix = "prod/", Retention = TimeSpan.FromDays(30) },
        TimeProvider.System);

    private async Task ServeAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _server.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            await context.Request.InputStream.CopyToAsync(Stream.Null);
            _puts.Enqueue((context.Request.Url!.AbsolutePath, (WebHeaderCollection)context.Request.Headers));
            context.Response.StatusCode = _status;
            context.Response.Close();
        }
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
