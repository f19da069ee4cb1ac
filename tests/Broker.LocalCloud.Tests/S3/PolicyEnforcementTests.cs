using Amazon.Runtime;
using Amazon.S3;
using Broker.LocalCloud.Tests.Support;

namespace Broker.LocalCloud.Tests.S3;

/// <summary>Own prefix allowed, another's denied, by role, bucket and session policies together.</summary>
public sealed class PolicyEnforcementTests : IAsyncLifetime
{
    private CloudUnderTest _cloud = null!;

    public async Task InitializeAsync() => _cloud = await CloudUnderTest.StartAsync();

    public async Task DisposeAsync() => await _cloud.DisposeAsync();

    [Fact]
    public async Task An_actor_reaches_its_own_prefix_and_not_anothers()
    {
        using var alice = _cloud.S3(await _cloud.AssumeAsync(Actors.Alice));
        using var bob = _cloud.S3(await _cloud.AssumeAsync(Actors.Bob));
        var key = $"bots/{Actors.Alice}/credentials/x";

        (await RefusalAsync(alice, key)).ShouldBe("");
        (await RefusalAsync(bob, key)).ShouldBe("AccessDenied");
        (await Should.ThrowAsync<AmazonS3Exception>(() => bob.GetObjectAsync(CloudUnderTest.VaultBucket, key)))
            .Message.ShouldContain(
                "is not authorized to perform: s3:GetObject on resource: "
                + "\"arn:aws:s3:::agentkeys-vault-000000000000/bots/b00491");
        (await Should.ThrowAsync<AmazonS3Exception>(() => bob.DeleteObjectAsync(CloudUnderTest.VaultBucket, key)))
            .ErrorCode.ShouldBe("AccessDenied");
        (await Should.ThrowAsync<AmazonS3Exception>(() => bob.GetObjectMetadataAsync(CloudUnderTest.VaultBucket, key)))
            .StatusCode.ShouldBe(System.Net.HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData("bots/b00491dad14d0916f68a969b1093ef87edbea404700af53b6d295245a21a6bb6x/y")]
    [InlineData("bots//y")]
    [InlineData("bots/*/y")]
    [InlineData("bots/")]
    [InlineData("y")]
    [InlineData("x/../bots/b00491dad14d0916f68a969b1093ef87edbea404700af53b6d295245a21a6bb6/y")]
    public async Task Nothing_beside_the_own_prefix_is_reached(string key)
    {
        using var alice = _cloud.S3(await _cloud.AssumeAsync(Actors.Alice));

        (await RefusalAsync(alice, key)).ShouldBe("AccessDenied");
    }

    [Fact]
    public async Task A_role_does_not_reach_another_roles_bucket()
    {
        using var alice = _cloud.S3(await _cloud.AssumeAsync(Actors.Alice));

        (await RefusalAsync(alice, $"bots/{Actors.Alice}/x", CloudUnderTest.MailBucket)).ShouldBe("AccessDenied");
    }

    [Fact]
    public async Task In_the_mail_bucket_the_wallets_prefix_is_an_own_one_too()
    {
        using var alice = _cloud.S3(await _cloud.AssumeAsync(Actors.Alice, CloudUnderTest.DataRole));

        (await RefusalAsync(alice, $"bots/{Actors.Alice}/x", CloudUnderTest.MailBucket)).ShouldBe("");
        (await RefusalAsync(alice, $"bots/0x{Actors.Alice[..40]}/x", CloudUnderTest.MailBucket)).ShouldBe("");
        (await RefusalAsync(alice, $"bots/0x{Actors.Bob[..40]}/x", CloudUnderTest.MailBucket)).ShouldBe("AccessDenied");
    }

    [Fact]
    public async Task A_missing_tag_opens_nothing()
    {
        var claims = _cloud.Issuer.Claims();
        claims["https://aws.amazon.com/tags"]!["principal_tags"]!.AsObject().Remove("agentkeys_user_wallet");
        claims["https://aws.amazon.com/tags"]!["transitive_tag_keys"]!.AsArray().RemoveAt(0);
        using var sts = _cloud.Sts();
        var session = (await sts.AssumeRoleWithWebIdentityAsync(
            _cloud.WebIdentityRequest(claims, CloudUnderTest.DataRole))).Credentials;
        using var s3 = _cloud.S3(session);

        (await RefusalAsync(s3, $"bots/0x{Actors.Alice[..40]}/x", CloudUnderTest.MailBucket)).ShouldBe("AccessDenied");
        (await RefusalAsync(s3, "bots//x", CloudUnderTest.MailBucket)).ShouldBe("AccessDenied");
    }

    [Fact]
    public async Task A_session_policy_only_takes_away()
    {
        var readOnly = """{"Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}""";
        var everything = """{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}""";
        using var reader = _cloud.S3(await _cloud.AssumeAsync(policy: readOnly));
        using var writer = _cloud.S3(await _cloud.AssumeAsync(policy: everything));
        var key = $"bots/{Actors.Alice}/x";

        (await RefusalAsync(reader, key)).ShouldBe("AccessDenied");
        (await RefusalAsync(writer, key)).ShouldBe("");
        (await RefusalAsync(writer, $"bots/{Actors.Bob}/x")).ShouldBe("AccessDenied");
        using var got = await reader.GetObjectAsync(CloudUnderTest.VaultBucket, key);
        got.ContentLength.ShouldBe(1);
    }

    [Fact]
    public async Task An_explicit_denial_wins()
    {
        var deny = $$"""
            {"Version":"2012-10-17","Statement":[
              {"Effect":"Allow","Action":"s3:*","Resource":"*"},
              {"Effect":"Deny","Action":"s3:Put*","Resource":"arn:aws:s3:::*/locked/*"}]}
            """;
        using var s3 = _cloud.S3(await _cloud.AssumeAsync(policy: deny));

        (await RefusalAsync(s3, $"bots/{Actors.Alice}/open/x")).ShouldBe("");
        (await RefusalAsync(s3, $"bots/{Actors.Alice}/locked/x")).ShouldBe("AccessDenied");
    }

    [Fact]
    public async Task The_daemon_itself_reads_nothing()
    {
        using var daemon = _cloud.S3(_cloud.DaemonCredentials());

        (await RefusalAsync(daemon, $"bots/{Actors.Alice}/x")).ShouldBe("AccessDenied");
        (await Should.ThrowAsync<AmazonS3Exception>(() => daemon.ListBucketsAsync())).ErrorCode
            .ShouldBe("AccessDenied");
    }

    /// <summary>One user and one bucket: what a bucket policy grants, and to whom.</summary>
    [Theory]
    [InlineData("""{"AWS":"arn:aws:iam::123456789012:user/alice"}""", "Allow", "[]", "")]
    [InlineData("""{"AWS":"arn:aws:iam::123456789012:user/bob"}""", "Allow", "[]", "AccessDenied")]
    [InlineData("\"*\"", "Allow", "[]", "")]
    [InlineData("""{"AWS":["123456789012"]}""", "Allow", "[]", "AccessDenied")]
    [InlineData("""{"AWS":"arn:aws:iam::123456789012:root"}""", "Allow", "[]", "AccessDenied")]
    [InlineData("""{"Service":"ses.amazonaws.com"}""", "Allow", "[]", "AccessDenied")]
    [InlineData("""{"AWS":"arn:aws:iam::123456789012:root"}""", "Deny", "[ALLOW]", "AccessDenied")]
    [InlineData("""{"AWS":"arn:aws:iam::123456789012:user/bob"}""", "Deny", "[ALLOW]", "")]
    public async Task A_bucket_policy_speaks_to_whom_it_names(
        string principal, string effect, string policies, string expected)
    {
        const string allow = """{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}""";
        await using var cloud = await CloudUnderTest.StartAsync(_ => $$"""
            {
              "account": "123456789012",
              "users": [{ "name": "alice", "accessKeyId": "AKIAALICE", "secretAccessKey": "alice-secret",
                "policies": {{policies.Replace("ALLOW", allow, StringComparison.Ordinal)}} }],
              "buckets": [{ "name": "shared", "policy": { "Version": "2012-10-17", "Statement": [{
                "Effect": "{{effect}}", "Principal": {{principal}}, "Action": "s3:PutObject",
                "Resource": "arn:aws:s3:::shared/*" }] } }]
            }
            """);
        using var s3 = cloud.S3(new BasicAWSCredentials("AKIAALICE", "alice-secret"));

        (await RefusalAsync(s3, "x", "shared")).ShouldBe(expected);
    }

    private static async Task<string> RefusalAsync(
        AmazonS3Client s3, string key, string bucket = CloudUnderTest.VaultBucket)
    {
        try
        {
            await s3.PutObjectAsync(new() { BucketName = bucket, Key = key, ContentBody = "x" });
            return "";
        }
        catch (AmazonS3Exception refusal)
        {
            return refusal.ErrorCode;
        }
    }
}
