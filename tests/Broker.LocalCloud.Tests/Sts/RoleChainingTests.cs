using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;
using Broker.LocalCloud.Tests.Support;

namespace Broker.LocalCloud.Tests.Sts;

/// <summary>A session that assumes another role: what it passes on, and what it may not change.</summary>
public sealed class RoleChainingTests : IAsyncLifetime
{
    private const string First = "arn:aws:iam::123456789012:role/first";
    private const string Second = "arn:aws:iam::123456789012:role/second";
    private CloudUnderTest _cloud = null!;
    private AmazonSecurityTokenServiceClient _session = null!;

    public async Task InitializeAsync()
    {
        _cloud = await CloudUnderTest.StartAsync(Account);
        using var sts = _cloud.Sts();
        var claims = _cloud.Issuer.Claims();
        claims["https://aws.amazon.com/source_identity"] = "alice";
        var answer = await sts.AssumeRoleWithWebIdentityAsync(_cloud.WebIdentityRequest(claims, First));
        _session = _cloud.Sts(answer.Credentials);
    }

    public async Task DisposeAsync()
    {
        _session.Dispose();
        await _cloud.DisposeAsync();
    }

    [Fact]
    public async Task Transitive_tags_and_the_source_identity_pass_on()
    {
        var answer = await _session.AssumeRoleAsync(Request());

        answer.SourceIdentity.ShouldBe("alice");
        using var s3 = _cloud.S3(answer.Credentials);
        await s3.PutObjectAsync(new() { BucketName = "shared", Key = $"{Actors.Alice}/x", ContentBody = "x" });
        (await Should.ThrowAsync<Amazon.S3.AmazonS3Exception>(() => s3.PutObjectAsync(
            new() { BucketName = "shared", Key = $"{Actors.Bob}/x", ContentBody = "x" }))).ErrorCode
            .ShouldBe("AccessDenied");
    }

    [Fact]
    public async Task A_transitive_tag_cannot_be_set_again()
    {
        var request = Request();
        request.Tags = [new Tag { Key = "AGENTKEYS_ACTOR_OMNI", Value = Actors.Bob }];

        (await RefusalAsync(request)).ShouldBe("ValidationError");
    }

    [Fact]
    public async Task The_source_identity_cannot_be_changed()
    {
        var request = Request();
        request.SourceIdentity = "bob";
        (await RefusalAsync(request)).ShouldBe("AccessDenied");

        request.SourceIdentity = "alice";
        (await RefusalAsync(request)).ShouldBe("");
    }

    [Fact]
    public async Task A_chained_session_lasts_an_hour_at_most()
    {
        var request = Request();
        request.DurationSeconds = 3601;

        (await RefusalAsync(request)).ShouldBe("ValidationError");
    }

    [Fact]
    public async Task An_account_that_trusts_itself_leaves_it_to_the_callers_policies()
    {
        var request = Request();
        request.RoleArn = "arn:aws:iam::123456789012:role/third";

        (await RefusalAsync(request)).ShouldBe("AccessDenied");
    }

    private static AssumeRoleRequest Request() => new() { RoleArn = Second, RoleSessionName = "chained" };

    private async Task<string> RefusalAsync(AssumeRoleRequest request)
    {
        try
        {
            await _session.AssumeRoleAsync(request);
            return "";
        }
        catch (AmazonSecurityTokenServiceException refusal)
        {
            return refusal.ErrorCode;
        }
    }

    private static string Account(string issuer) => $$"""
        {
          "account": "123456789012",
          "providers": [{ "issuer": "{{issuer}}", "clientIds": ["sts.amazonaws.com"] }],
          "roles": [
            { "name": "first", "maxSessionSeconds": 43200, "trustPolicy": { "Statement": {
                "Effect": "Allow", "Principal": { "Federated": "*" }, "Action": "sts:*" } },
              "policies": [{ "Statement": { "Effect": "Allow", "Action": "sts:*", "Resource": "{{Second}}" } }] },
            { "name": "second", "maxSessionSeconds": 43200, "trustPolicy": { "Statement": {
                "Effect": "Allow", "Principal": { "AWS": "123456789012" }, "Action": "sts:*" } },
              "policies": [{ "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:*",
                "Resource": "arn:aws:s3:::shared/${aws:PrincipalTag/agentkeys_actor_omni}/*" } }] },
            { "name": "third", "trustPolicy": { "Statement": {
                "Effect": "Allow", "Principal": { "AWS": "123456789012" }, "Action": "sts:*" } } }
          ],
          "buckets": [{ "name": "shared" }]
        }
        """;
}
