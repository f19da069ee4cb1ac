using System.Text.Json;
using Amazon.Runtime;
using Amazon.S3;
using Broker.Tests.Hosting;
using Broker.Tests.Inbox;

namespace Broker.Tests.Aws;

/// <summary>
/// A role that trusts another role of the catalogue and not the issuer: the local cloud's STS and S3 judge tags, source
/// identity and policies on the way; each hop is on record before the credential leaves.
/// </summary>
public sealed class RoleHopTests : IAsyncLifetime
{
    private const string Account = "000000000000";
    private const string Bucket = "other-accounts";
    private const string Gate = $"arn:aws:iam::{Account}:role/gate";
    private const string Inner = $"arn:aws:iam::{Account}:role/inner";

    private readonly TemporaryFolder _folder = new();
    private readonly Wallet _wallet = new();
    private MailSite _site = null!;
    private string _session = "";

    public async Task InitializeAsync()
    {
        var file = Path.Combine(_folder.Path, "roles.json");
        await File.WriteAllTextAsync(file, $$"""
            { "roles": [
              { "name": "gate", "arn": "{{Gate}}" },
              { "name": "inner", "arn": "{{Inner}}", "bucket": "{{Bucket}}", "via": "gate" },
              { "name": "closed", "arn": "arn:aws:iam::{{Account}}:role/closed", "via": "gate" }
            ] }
            """);
        _site = await MailSite.StartAsync(
            Cloud, ("BROKER_ROLES_PATH", file), ("BROKER_OIDC_SOURCE_IDENTITY", "true"));
        _session = await _site.Broker.SignInAsync(_wallet);
    }

    public async Task DisposeAsync()
    {
        await _site.DisposeAsync();
        _wallet.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_tags_reach_the_second_role_and_open_the_own_prefix_alone()
    {
        var minted = (await _site.Broker.PostAsync("/v1/mint-aws-creds", new { role = "inner" }, _session)).ShouldBeOk();

        using var s3 = _site.S3(new SessionAWSCredentials(
            minted["access_key_id"], minted["secret_access_key"], minted["session_token"]));
        await s3.PutObjectAsync(new() { BucketName = Bucket, Key = $"bots/{_wallet.Omni}/x", ContentBody = "x" });
        using var stranger = new Wallet();
        (await Should.ThrowAsync<AmazonS3Exception>(() => s3.PutObjectAsync(
            new() { BucketName = Bucket, Key = $"bots/{stranger.Omni}/x", ContentBody = "x" })))
            .ErrorCode.ShouldBe("AccessDenied");
    }

    [Fact]
    public async Task Each_hop_is_an_entry_of_its_own_before_the_one_of_the_credential()
    {
        var minted = (await _site.Broker.PostAsync("/v1/mint-aws-creds", new { role = "inner" }, _session)).ShouldBeOk();

        var rows = _site.Broker.RowsOf(minted);
        rows.Select(row => (row.Kind, row.RequestedRole, row.Outcome))
            .ShouldBe([("aws_role_hop", Gate, "ok"), ("aws_credentials", Inner, "ok")]);
        rows[0].AccessKeyId.ShouldNotBe(minted["access_key_id"]);
        rows[0].AccessKeyId.ShouldNotBeEmpty();
        rows[0].StsSessionName.ShouldEndWith(rows[0].RecordId);
        rows[1].AccessKeyId.ShouldBe(minted["access_key_id"]);
        JsonElement.Parse(rows[1].Evidence).GetProperty("hop").GetString().ShouldBe(rows[0].RecordId);
        minted.Text.ShouldNotContain(rows[0].AccessKeyId);
    }

    [Fact]
    public async Task An_hour_is_the_longest_and_a_longer_wish_is_refused_before_sts_is_asked()
    {
        var answer = await _site.Broker.PostAsync(
            "/v1/mint-aws-creds", new { role = "inner", duration_seconds = 3601 }, _session);

        answer.ShouldRefuse(400, "bad_request", "lifetime_out_of_bounds");
        _site.Broker.RowsOf(answer).ShouldHaveSingleItem().Outcome.ShouldBe("bad_request");
    }

    [Fact]
    public async Task A_second_role_that_does_not_trust_the_first_gives_nothing_and_the_hop_is_on_record()
    {
        var answer = await _site.Broker.PostAsync("/v1/mint-aws-creds", new { role = "closed" }, _session);

        answer.ShouldRefuse(502, "sts_error", "sts_failed");
        _site.Broker.RowsOf(answer).Select(row => (row.Kind, row.Outcome))
            .ShouldBe([("aws_role_hop", "ok"), ("aws_credentials", "sts_error")]);
    }

    [Fact]
    public async Task The_dry_run_shows_the_way()
    {
        var answer = (await _site.Broker.PostAsync("/v1/mint-aws-creds?dry_run=true", new { role = "inner" }, _session))
            .ShouldBeOk();

        answer["role_arn"].ShouldBe(Inner);
        answer["via_role_arn"].ShouldBe(Gate);
        answer.Json.GetProperty("claims").GetProperty("https://aws.amazon.com/roles")[0].GetString().ShouldBe(Gate);
    }

    private static string Cloud(string issuer) => $$"""
        {
          "account": "{{Account}}",
          "providers": [{ "issuer": "{{issuer}}", "clientIds": ["sts.amazonaws.com"] }],
          "roles": [
            { "name": "gate", "trustPolicy": { "Statement": {
                "Effect": "Allow", "Principal": { "Federated": "*" },
                "Action": ["sts:AssumeRoleWithWebIdentity", "sts:TagSession", "sts:SetSourceIdentity"] } },
              "policies": [{ "Statement": { "Effect": "Allow", "Action": ["sts:*", "s3:*"], "Resource": "*" } }] },
            { "name": "inner", "trustPolicy": { "Statement": {
                "Effect": "Allow", "Principal": { "AWS": "{{Gate}}" },
                "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
                "Condition": { "Null": { "aws:PrincipalTag/agentkeys_actor_omni": "false" },
                  "StringLike": { "aws:SourceIdentity": "0x*" } } } },
              "policies": [{ "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:*",
                "Resource": "arn:aws:s3:::{{Bucket}}/bots/${aws:PrincipalTag/agentkeys_actor_omni}/*" } }] },
            { "name": "closed", "trustPolicy": { "Statement": {
                "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::{{Account}}:role/another" },
                "Action": "sts:*" } } }
          ],
          "buckets": [{ "name": "{{Bucket}}" }]
        }
        """;
}
