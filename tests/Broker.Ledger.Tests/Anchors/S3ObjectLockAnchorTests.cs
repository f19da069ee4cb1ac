using Amazon.Runtime;
using Amazon.S3;
using Broker.Ledger.S3;
using WireMock;
using WireMock.RequestBuilders;
using WireMock.ResponseBuilders;
using WireMock.Server;

namespace Broker.Ledger.Tests.Anchors;

public sealed class S3ObjectLockAnchorTests : IDisposable
{
    private readonly WireMockServer _bucket = CannedServer.Start();
    private readonly AmazonS3Client _client;

    public S3ObjectLockAnchorTests()
    {
        AnswerPutsWith(200);
        _client = new AmazonS3Client(new BasicAWSCredentials("AKIDEXAMPLE", "secret"), new AmazonS3Config
        {
            ServiceURL = _bucket.Url,
            ForcePathStyle = true,
            MaxErrorRetry = 0,
        });
    }

    public void Dispose()
    {
        _client.Dispose();
        _bucket.Dispose();
    }

    [Fact]
    public async Task Puts_a_checkpoint_that_cannot_be_removed_until_its_retention_ends()
    {
        var receipt = await Anchor().AnchorAsync(new AnchoredCheckpoint(42, "note\n"), CancellationToken.None);

        var put = OnlyPut();
        put.Path.ShouldBe("/audit/prod/checkpoints/00000000000000000042");
        put.Headers!["x-amz-object-lock-mode"].ShouldBe(["COMPLIANCE"]);
        DateTimeOffset.Parse(put.Headers!["x-amz-object-lock-retain-until-date"].Single())
            .ShouldBe(DateTimeOffset.UtcNow.AddDays(30), TimeSpan.FromMinutes(5));
        receipt.Detail.ShouldContain("checkpoints/00000000000000000042");
    }

    [Fact]
    public async Task Puts_archives_by_row_ids()
    {
        await Anchor().ArchiveAsync(new RowArchive(1, 10_000, [1, 2, 3]), CancellationToken.None);

        OnlyPut().Path
            .ShouldBe("/audit/prod/rows/00000000000000000001-00000000000000010000.ndjson.gz");
    }

    [Fact]
    public async Task A_bucket_that_refuses_is_a_failure_that_names_the_object()
    {
        AnswerPutsWith(403);

        var fault = await Should.ThrowAsync<AnchorFailedException>(
            Anchor().AnchorAsync(new AnchoredCheckpoint(42, "note\n"), CancellationToken.None));

        fault.Message.ShouldContain("s3://audit/prod/checkpoints/");
    }

    private S3ObjectLockAnchor Anchor() => new(
        _client, new S3AnchorOptions { Bucket = "audit", Prefix = "prod/", Retention = TimeSpan.FromDays(30) },
        TimeProvider.System);

    private IRequestMessage OnlyPut() => _bucket.LogEntries.ShouldHaveSingleItem().RequestMessage;

    private void AnswerPutsWith(int status)
    {
        _bucket.Reset();
        _bucket.Given(Request.Create().UsingPut()).RespondWith(Response.Create().WithStatusCode(status));
    }
}
