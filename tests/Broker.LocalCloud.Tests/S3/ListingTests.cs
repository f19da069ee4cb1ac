using Amazon.S3;
using Amazon.S3.Model;
using Broker.LocalCloud.S3;
using Broker.LocalCloud.Tests.Support;
using FsCheck;
using FsCheck.Fluent;

namespace Broker.LocalCloud.Tests.S3;

/// <summary>ListObjects, versions 1 and 2.</summary>
public sealed class ListingTests : IAsyncLifetime
{
    private const string Bucket = CloudUnderTest.VaultBucket;
    private const string Own = $"bots/{Actors.Alice}/";
    private CloudUnderTest _cloud = null!;
    private AmazonS3Client _s3 = null!;

    public async Task InitializeAsync()
    {
        _cloud = await CloudUnderTest.StartAsync();
        _s3 = _cloud.S3(await _cloud.AssumeAsync());
        foreach (var name in (string[])["a/1", "a/2", "b", "c/1", "c/2", "d"])
            await _s3.PutObjectAsync(new() { BucketName = Bucket, Key = Own + name, ContentBody = name });
    }

    public async Task DisposeAsync()
    {
        _s3.Dispose();
        await _cloud.DisposeAsync();
    }

    [Fact]
    public async Task Lists_in_order_with_sizes_and_tags()
    {
        var page = await _s3.ListObjectsV2Async(new() { BucketName = Bucket, Prefix = Own });

        page.S3Objects.Select(found => found.Key[Own.Length..]).ShouldBe(["a/1", "a/2", "b", "c/1", "c/2", "d"]);
        page.S3Objects[2].Size.ShouldBe(1);
        page.S3Objects[2].ETag.ShouldBe("\"92eb5ffee6ae2fec3ad71c777531578f\"");
        page.IsTruncated!.Value.ShouldBeFalse();
    }

    [Fact]
    public async Task Rolls_up_at_a_delimiter_and_goes_on_page_by_page()
    {
        var request = new ListObjectsV2Request { BucketName = Bucket, Prefix = Own, Delimiter = "/", MaxKeys = 1 };
        var seen = new List<string>();
        ListObjectsV2Response page;
        do
        {
            page = await _s3.ListObjectsV2Async(request);
            page.KeyCount.ShouldBe(1);
            seen.AddRange((page.S3Objects ?? []).Select(found => found.Key[Own.Length..]));
            seen.AddRange((page.CommonPrefixes ?? []).Select(prefix => prefix[Own.Length..]));
            request.ContinuationToken = page.NextContinuationToken;
        }
        while (page.IsTruncated == true);

        seen.ShouldBe(["a/", "b", "c/", "d"]);
    }

    [Fact]
    public async Task Starts_after_a_key()
    {
        var page = await _s3.ListObjectsV2Async(new() { BucketName = Bucket, Prefix = Own, StartAfter = Own + "c/1" });

        page.S3Objects.Select(found => found.Key[Own.Length..]).ShouldBe(["c/2", "d"]);
    }

    [Fact]
    public async Task Lists_in_version_1_too()
    {
        var first = await _s3.ListObjectsAsync(
            new ListObjectsRequest { BucketName = Bucket, Prefix = Own, Delimiter = "/", MaxKeys = 2 });
        first.IsTruncated!.Value.ShouldBeTrue();
        var second = await _s3.ListObjectsAsync(
            new ListObjectsRequest { BucketName = Bucket, Prefix = Own, Delimiter = "/", Marker = first.NextMarker });

        second.CommonPrefixes.ShouldBe([Own + "c/"]);
        second.S3Objects.ShouldHaveSingleItem().Key.ShouldBe(Own + "d");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("bots/")]
    [InlineData("bots/ee1e0f200af4eadded5d26171dcd618ad0fbcae3381da1cfd900b9c3fd94a3f9/")]
    public async Task Refuses_any_other_prefix_than_the_own(string? prefix)
    {
        var refusal = await Should.ThrowAsync<AmazonS3Exception>(
            () => _s3.ListObjectsV2Async(new() { BucketName = Bucket, Prefix = prefix }));

        refusal.ErrorCode.ShouldBe("AccessDenied");
    }

    [Fact]
    public async Task Refuses_a_token_that_is_not_its_own()
    {
        var request = new ListObjectsV2Request { BucketName = Bucket, Prefix = Own, ContinuationToken = "!" };

        (await Should.ThrowAsync<AmazonS3Exception>(() => _s3.ListObjectsV2Async(request))).ErrorCode
            .ShouldBe("InvalidArgument");
    }

    /// <summary>
    /// Whatever the page size, the pages together are the whole listing, in order and without a double.
    /// </summary>
    [Fact]
    public void Pages_of_any_size_add_up()
    {
        var keys = Gen.ListOf(Gen.Elements("a", "b", "/", "a/", "/b").ListOf().Select(string.Concat)).ToArbitrary();
        Prop.ForAll(
            keys, Gen.Choose(1, 5).ToArbitrary(), Gen.Elements("", "/", "b").ToArbitrary(), (given, size, delimiter) =>
        {
            var objects = given.Where(key => key.Length > 0).Distinct().Order(StringComparer.Ordinal)
                .Select(key => new StoredObject(key, [], new Dictionary<string, string>(), "", default)).ToArray();
            var whole = Names(ObjectListing.Of(objects, new("", delimiter, "", 1000)));
            var pages = new List<string>();
            string? after = "";
            while (after is not null)
            {
                var page = ObjectListing.Of(objects, new("", delimiter, after, size));
                pages.AddRange(Names(page));
                after = page.ContinueAfter;
            }

            return pages.SequenceEqual(whole);
        }).QuickCheckThrowOnFailure();
    }

    private static IEnumerable<string> Names(ObjectListing page) =>
        page.Objects.Select(found => found.Key).Concat(page.CommonPrefixes).Order(StringComparer.Ordinal);
}
