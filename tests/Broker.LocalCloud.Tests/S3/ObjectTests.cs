using System.Net;
using System.Text;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Broker.LocalCloud.Tests.Support;

namespace Broker.LocalCloud.Tests.S3;

/// <summary>Objects through Amazon's client: what comes back is what went in, and what is wrong is refused.</summary>
public sealed class ObjectTests : IAsyncLifetime
{
    private const string Bucket = CloudUnderTest.VaultBucket;
    private const string Own = $"bots/{Actors.Alice}";
    private CloudUnderTest _cloud = null!;
    private AmazonS3Client _s3 = null!;

    public async Task InitializeAsync()
    {
        _cloud = await CloudUnderTest.StartAsync();
        _s3 = _cloud.S3(await _cloud.AssumeAsync());
    }

    public async Task DisposeAsync()
    {
        _s3.Dispose();
        await _cloud.DisposeAsync();
    }

    [Fact]
    public async Task Gives_back_what_was_put()
    {
        var put = new PutObjectRequest
        {
            BucketName = Bucket,
            Key = $"{Own}/credentials/token.json",
            ContentBody = """{"a":1}""",
            ContentType = "application/json",
            Headers = { CacheControl = "no-store" },
        };
        put.Metadata["made-by"] = "a test";
        var answer = await _s3.PutObjectAsync(put);
        answer.ETag.ShouldBe("\"bb6cb5c68df4652941caf652a366f2d8\"");

        using var got = await _s3.GetObjectAsync(Bucket, put.Key);
        using var reader = new StreamReader(got.ResponseStream);
        (await reader.ReadToEndAsync()).ShouldBe("""{"a":1}""");
        got.Headers.ContentType.ShouldBe("application/json");
        got.Headers.CacheControl.ShouldBe("no-store");
        got.Metadata["made-by"].ShouldBe("a test");
        got.ETag.ShouldBe(answer.ETag);

        var head = await _s3.GetObjectMetadataAsync(Bucket, put.Key);
        head.ContentLength.ShouldBe(7);
        head.LastModified!.Value.ShouldBe(DateTime.UtcNow, TimeSpan.FromMinutes(1));
    }

    /// <summary>
    /// The ways in which the SDK sends a body over plain HTTP: signed chunks with and without a trailer, and whole.
    /// </summary>
    [Theory]
    [InlineData(true, RequestChecksumCalculation.WHEN_SUPPORTED)]
    [InlineData(true, RequestChecksumCalculation.WHEN_REQUIRED)]
    [InlineData(false, RequestChecksumCalculation.WHEN_SUPPORTED)]
    [InlineData(false, RequestChecksumCalculation.WHEN_REQUIRED)]
    public async Task Takes_every_way_of_sending_a_body(bool chunked, RequestChecksumCalculation checksums)
    {
        using var s3 = _cloud.S3(await _cloud.AssumeAsync(), config => config.RequestChecksumCalculation = checksums);
        var bytes = Enumerable.Range(0, 200_000).Select(n => (byte)(n * 31 >> 3)).ToArray();
        using var body = new MemoryStream(bytes);
        await s3.PutObjectAsync(new()
        {
            BucketName = Bucket,
            Key = $"{Own}/large",
            InputStream = body,
            UseChunkEncoding = chunked,
        });

        using var got = await s3.GetObjectAsync(Bucket, $"{Own}/large");
        using var read = new MemoryStream();
        await got.ResponseStream.CopyToAsync(read);
        read.ToArray().ShouldBe(bytes);
    }

    [Theory]
    [InlineData("CRC32")]
    [InlineData("SHA1")]
    [InlineData("SHA256")]
    public async Task Checks_the_checksum_of_the_clients_choice(string algorithm)
    {
        var request = new PutObjectRequest
        {
            BucketName = Bucket,
            Key = $"{Own}/checked",
            ContentBody = "checked",
            ChecksumAlgorithm = ChecksumAlgorithm.FindValue(algorithm),
        };

        var answer = await _s3.PutObjectAsync(request);

        (answer.ChecksumCRC32 ?? answer.ChecksumCRC32C ?? answer.ChecksumSHA1 ?? answer.ChecksumSHA256)
            .ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task Refuses_a_checksum_that_does_not_hold()
    {
        var request = new PutObjectRequest
        {
            BucketName = Bucket,
            Key = $"{Own}/checked",
            ContentBody = "checked",
            ChecksumCRC32 = Convert.ToBase64String(new byte[4]),
        };

        (await RefusalAsync(() => _s3.PutObjectAsync(request))).ShouldBe((HttpStatusCode.BadRequest, "BadDigest"));
        (await RefusalAsync(() => _s3.GetObjectAsync(Bucket, request.Key))).Code
            .ShouldBe("AccessDenied", "nothing was kept");
    }

    [Fact]
    public async Task Refuses_an_MD5_that_does_not_hold()
    {
        var request = new PutObjectRequest
        {
            BucketName = Bucket,
            Key = $"{Own}/checked",
            ContentBody = "checked",
            MD5Digest = Convert.ToBase64String(new byte[16]),
        };

        (await RefusalAsync(() => _s3.PutObjectAsync(request))).Code.ShouldBe("BadDigest");
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("with blank and + plus")]
    [InlineData("ümlaut/日本")]
    [InlineData("a//b")]
    [InlineData("100%25")]
    [InlineData("quote'and(brackets)!*")]
    [InlineData("tab\tand\u0001control")]
    public async Task Keeps_keys_as_they_are(string name)
    {
        var key = $"{Own}/{name}";
        await _s3.PutObjectAsync(new() { BucketName = Bucket, Key = key, ContentBody = name });

        using var got = await _s3.GetObjectAsync(Bucket, key);
        using var reader = new StreamReader(got.ResponseStream);
        (await reader.ReadToEndAsync()).ShouldBe(name);
        var listed = await _s3.ListObjectsV2Async(
            new() { BucketName = Bucket, Prefix = $"{Own}/", Encoding = EncodingType.Url });
        WebUtility.UrlDecode(listed.S3Objects.ShouldHaveSingleItem().Key.Replace("+", "%2B", StringComparison.Ordinal))
            .ShouldBe(key);
    }

    [Fact]
    public async Task Gives_a_range()
    {
        await _s3.PutObjectAsync(new() { BucketName = Bucket, Key = $"{Own}/r", ContentBody = "0123456789" });

        using var got = await _s3.GetObjectAsync(new GetObjectRequest
        {
            BucketName = Bucket,
            Key = $"{Own}/r",
            ByteRange = new ByteRange(2, 4),
        });

        using var reader = new StreamReader(got.ResponseStream);
        (await reader.ReadToEndAsync()).ShouldBe("234");
        got.HttpStatusCode.ShouldBe(HttpStatusCode.PartialContent);
    }

    [Fact]
    public async Task Deletes_once_or_twice()
    {
        await _s3.PutObjectAsync(new() { BucketName = Bucket, Key = $"{Own}/d", ContentBody = "d" });
        await _s3.DeleteObjectAsync(Bucket, $"{Own}/d");
        await _s3.DeleteObjectAsync(Bucket, $"{Own}/d");

        // The role lists its own prefix only, so it may not learn whether a key exists.
        (await RefusalAsync(() => _s3.GetObjectAsync(Bucket, $"{Own}/d")))
            .ShouldBe((HttpStatusCode.Forbidden, "AccessDenied"));
    }

    [Fact]
    public async Task Puts_only_if_absent_when_asked_to()
    {
        var request =
            new PutObjectRequest { BucketName = Bucket, Key = $"{Own}/once", ContentBody = "1", IfNoneMatch = "*" };
        await _s3.PutObjectAsync(request);

        (await RefusalAsync(() => _s3.PutObjectAsync(request)))
            .ShouldBe((HttpStatusCode.PreconditionFailed, "PreconditionFailed"));
    }

    [Fact]
    public async Task Puts_only_if_unchanged_when_asked_to()
    {
        var request = new PutObjectRequest { BucketName = Bucket, Key = $"{Own}/twice", ContentBody = "1" };
        var first = await _s3.PutObjectAsync(request);
        request.IfMatch = first.ETag;
        request.ContentBody = "2";
        await _s3.PutObjectAsync(request);

        (await RefusalAsync(() => _s3.PutObjectAsync(request))).Code.ShouldBe("PreconditionFailed");
    }

    [Fact]
    public async Task Refuses_a_key_of_more_than_1024_bytes()
    {
        var request =
            new PutObjectRequest { BucketName = Bucket, Key = $"{Own}/{new string('k', 1024)}", ContentBody = "x" };

        (await RefusalAsync(() => _s3.PutObjectAsync(request))).Code.ShouldBe("KeyTooLongError");
    }

    [Fact]
    public async Task Copies_what_may_be_read_to_where_may_be_written()
    {
        await _s3.PutObjectAsync(new() { BucketName = Bucket, Key = $"{Own}/a b+c", ContentBody = "copied" });

        await _s3.CopyObjectAsync(Bucket, $"{Own}/a b+c", Bucket, $"{Own}/copy");

        using var copy = await _s3.GetObjectAsync(Bucket, $"{Own}/copy");
        using var text = new StreamReader(copy.ResponseStream);
        (await text.ReadToEndAsync()).ShouldBe("copied");
        (await RefusalAsync(() => _s3.CopyObjectAsync(Bucket, $"{Own}/none", Bucket, $"{Own}/b"))).Code
            .ShouldBe("NoSuchKey");
        (await RefusalAsync(() => _s3.CopyObjectAsync(Bucket, $"bots/{Actors.Bob}/a", Bucket, $"{Own}/b"))).Code
            .ShouldBe("AccessDenied");
        (await RefusalAsync(() => _s3.CopyObjectAsync(Bucket, $"{Own}/a b+c", Bucket, $"bots/{Actors.Bob}/a"))).Code
            .ShouldBe("AccessDenied");
    }

    [Fact]
    public async Task Refuses_what_it_does_not_do()
    {
        (await RefusalAsync(() => _s3.GetBucketAclAsync(new() { BucketName = Bucket })))
            .ShouldBe((HttpStatusCode.NotImplemented, "NotImplemented"));
        (await RefusalAsync(() => _s3.GetObjectTaggingAsync(new() { BucketName = Bucket, Key = $"{Own}/a" }))).Code
            .ShouldBe("NotImplemented");
        (await RefusalAsync(() => _s3.PutBucketAsync("another-bucket"))).Code.ShouldBe("NoSuchBucket");
    }

    [Fact]
    public async Task Refuses_a_stranger_and_an_expired_session()
    {
        using var stranger = _cloud.S3(new BasicAWSCredentials("AKIANOBODY", "secret"));
        (await RefusalAsync(() => stranger.GetObjectAsync(Bucket, $"{Own}/x"))).Code.ShouldBe("InvalidAccessKeyId");
        using var anonymous = _cloud.S3(new AnonymousAWSCredentials());
        (await RefusalAsync(() => anonymous.GetObjectAsync(Bucket, $"{Own}/x"))).Code.ShouldBe("AccessDenied");

        var session = await _cloud.AssumeAsync();
        using var forged = _cloud.S3(new SessionAWSCredentials(session.AccessKeyId, "wrong", session.SessionToken));
        (await RefusalAsync(() => forged.GetObjectAsync(Bucket, $"{Own}/x"))).Code.ShouldBe("SignatureDoesNotMatch");
        using var mixed = _cloud.S3(new SessionAWSCredentials(session.AccessKeyId, session.SecretAccessKey, "wrong"));
        (await RefusalAsync(() => mixed.GetObjectAsync(Bucket, $"{Own}/x"))).Code.ShouldBe("InvalidToken");

        // Issued for an hour by a clock that was 55 minutes behind, used in six minutes.
        _cloud.SetClockAhead(-TimeSpan.FromMinutes(55));
        var claims = _cloud.Issuer.Claims();
        claims["iat"] = _cloud.Clock.GetUtcNow().ToUnixTimeSeconds();
        using var sts = _cloud.Sts();
        using var expired = _cloud.S3(
            (await sts.AssumeRoleWithWebIdentityAsync(_cloud.WebIdentityRequest(claims))).Credentials);
        _cloud.SetClockAhead(TimeSpan.FromMinutes(6));
        (await RefusalAsync(() => expired.GetObjectAsync(Bucket, $"{Own}/x"))).Code.ShouldBe("ExpiredToken");
    }

    [Fact]
    public async Task Serves_a_presigned_address_until_it_expires()
    {
        await _s3.PutObjectAsync(new() { BucketName = Bucket, Key = $"{Own}/p", ContentBody = "presigned" });
        var address = await _s3.GetPreSignedURLAsync(new()
        {
            BucketName = Bucket,
            Key = $"{Own}/p",
            Expires = DateTime.UtcNow.AddMinutes(5),
            Protocol = Protocol.HTTP,
        });
        using var http = new HttpClient();

        (await http.GetStringAsync(address)).ShouldBe("presigned");
        (await http.GetAsync(address.Replace("/p?", "/q?", StringComparison.Ordinal))).StatusCode
            .ShouldBe(HttpStatusCode.Forbidden);
        _cloud.SetClockAhead(TimeSpan.FromMinutes(6));
        (await http.GetAsync(address)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Fails_on_purpose_when_told_to()
    {
        _cloud.Host.Faults.Inject(Faults.Fault.Parse("s3-throttle")!);

        (await RefusalAsync(() => _s3.GetObjectAsync(Bucket, $"{Own}/x")))
            .ShouldBe((HttpStatusCode.ServiceUnavailable, "SlowDown"));
    }

    [Fact]
    public async Task Keeps_objects_in_the_folder_over_a_restart()
    {
        var folder = Directory.CreateTempSubdirectory("local-cloud-");
        try
        {
            var key = $"{Own}/../kept//x";
            await using (var first = await CloudUnderTest.StartAsync(
                with: options => options with { DataFolder = folder.FullName }))
            {
                using var s3 = first.S3(await first.AssumeAsync());
                await s3.PutObjectAsync(
                    new() { BucketName = Bucket, Key = key, ContentBody = "kept", ContentType = "text/x" });
                await s3.PutObjectAsync(new() { BucketName = Bucket, Key = $"{Own}/gone", ContentBody = "gone" });
                await s3.DeleteObjectAsync(Bucket, $"{Own}/gone");
            }

            // As of a process that ended while it wrote.
            var unfinished = Path.Combine(folder.FullName, "buckets", Bucket, ".0af3.0123456789abcdef");
            await File.WriteAllTextAsync(unfinished, "half");
            await using var second = await CloudUnderTest.StartAsync(
                with: options => options with { DataFolder = folder.FullName });
            using var again = second.S3(await second.AssumeAsync());
            using var got = await again.GetObjectAsync(Bucket, key);
            using var reader = new StreamReader(got.ResponseStream, Encoding.UTF8);
            (await reader.ReadToEndAsync()).ShouldBe("kept");
            got.Headers.ContentType.ShouldBe("text/x");
            (await again.ListObjectsV2Async(new() { BucketName = Bucket, Prefix = $"{Own}/" })).KeyCount.ShouldBe(1);
            File.Delete(unfinished);
            var file = Directory.EnumerateFiles(Path.Combine(folder.FullName, "buckets", Bucket))
                .ShouldHaveSingleItem();
            File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<(HttpStatusCode Status, string Code)> RefusalAsync(Func<Task> act)
    {
        var refusal = await Should.ThrowAsync<AmazonS3Exception>(act);
        return (refusal.StatusCode, refusal.ErrorCode);
    }
}
