using Broker.LocalCloud.Faults;
using Broker.Tests.Hosting;

namespace Broker.Tests.Inbox;

/// <summary>S3 down, slow, refusing; mail not set up: each is told with its code and a next step.</summary>
public sealed class InboxFaultTests : IDisposable
{
    private readonly Wallet _wallet = new();

    public void Dispose() => _wallet.Dispose();

    [Fact]
    public async Task Without_a_bucket_there_is_no_inbox_and_nothing_is_issued()
    {
        await using var broker = await BrokerApp.StartAsync(("BROKER_DATA_BUCKET", ""));
        var session = await broker.SignInAsync(_wallet);

        foreach (var path in (string[])["/v1/mail", "/v1/mail/m1"])
        {
            var answer = await broker.GetAsync(path, ("Authorization", $"Bearer {session}"));

            answer.ShouldRefuse(501, "not_configured", "inbox_not_configured")["next_step"]!
                .ShouldContain("BROKER_DATA_BUCKET");
        }

        broker.Sts.Calls.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("/v1/mail")]
    [InlineData("/v1/mail/m1")]
    public async Task S3_that_is_down_is_502(string path)
    {
        await using var site = await MailSite.StartAsync(null, ("AWS_ENDPOINT_URL_S3", Peers.DeadUrl));
        var session = await site.Broker.SignInAsync(_wallet);

        var answer = (await site.GetAsync(path, session))
            .ShouldRefuse(502, "backend_unreachable", "inbox_unreachable");

        site.Broker.RowsOf(answer).ShouldContain(row => row.Kind == "mail_read" && row.Outcome == "backend_error");
    }

    [Fact]
    public async Task S3_that_fails_or_throttles_is_502_with_its_code_and_the_next_request_succeeds()
    {
        await using var site = await MailSite.StartAsync();
        var session = await site.Broker.SignInAsync(_wallet);
        foreach (var (kind, code) in ((FaultKind, string)[])
            [(FaultKind.Error, "InternalFailure"), (FaultKind.Throttle, "SlowDown")])
        {
            site.Cloud.Faults.Inject(new Fault(CloudPart.S3, kind));
            (await site.GetAsync("/v1/mail", session)).ShouldRefuse(502, "backend_unreachable", "inbox_unreachable")
                ["message"]!.ShouldContain(code);
        }

        site.Cloud.Faults.Clear(CloudPart.S3);
        (await site.GetAsync("/v1/mail", session)).ShouldBeOk();
        site.IssuedKeys.ShouldBe(1);
    }

    [Fact]
    public async Task S3_that_does_not_answer_is_waited_for_no_longer_than_the_setting_says()
    {
        await using var site = await MailSite.StartAsync(null, ("BROKER_INBOX_TIMEOUT_SECONDS", "1"));
        var session = await site.Broker.SignInAsync(_wallet);
        site.Cloud.Faults.Inject(new Fault(CloudPart.S3, FaultKind.Slow, TimeSpan.FromMinutes(10)));

        (await site.GetAsync("/v1/mail", session)).ShouldRefuse(502, "backend_unreachable", "inbox_unreachable")
            ["message"]!.ShouldContain("in time");
    }

    [Fact]
    public async Task A_denial_of_S3_names_the_grant_to_add()
    {
        // The data role has no rights in the vault's bucket.
        await using var site = await MailSite.StartAsync(
            null, ("BROKER_DATA_BUCKET", "agentkeys-vault-000000000000"));
        var session = await site.Broker.SignInAsync(_wallet);

        foreach (var path in (string[])["/v1/mail", "/v1/mail/m1"])
        {
            var refused = (await site.GetAsync(path, session)).ShouldRefuse(403, "forbidden", "inbox_denied");

            refused["next_step"]!.ShouldContain("s3:ListBucket");
            refused["next_step"]!.ShouldContain("s3:GetObject");
            refused["message"]!.ShouldContain("inbound/");
            site.Broker.RowsOf(refused).ShouldContain(row => row.Kind == "mail_read" && row.Outcome == "denied");
        }
    }

    [Fact]
    public async Task A_bucket_that_does_not_exist_is_told_as_such()
    {
        await using var site = await MailSite.StartAsync(null, ("BROKER_DATA_BUCKET", "no-such-bucket"));
        var session = await site.Broker.SignInAsync(_wallet);

        (await site.GetAsync("/v1/mail", session)).ShouldRefuse(502, "backend_unreachable", "inbox_unreachable")
            ["message"]!.ShouldContain("NoSuchBucket");
    }

    [Fact]
    public async Task A_grant_for_the_wallets_prefix_alone_is_enough_for_its_mail()
    {
        await using var site = await MailSite.StartAsync(OnlyWallets);
        var session = await site.Broker.SignInAsync(_wallet);
        await site.PutAsync(session, $"bots/{_wallet.Address}/inbound/m1", "Subject: hi\r\n\r\nhello");

        var listed = (await site.GetAsync("/v1/mail", session)).ShouldBeOk();

        listed.Json.GetProperty("messages")[0].GetProperty("id").GetString().ShouldBe("m1");
        listed.Json.GetProperty("denied_prefixes")[0].GetString().ShouldBe($"bots/{_wallet.Omni}/inbound/");
        (await site.GetAsync("/v1/mail/m1", session)).ShouldBeOk()["text"].ShouldBe("hello");
        (await site.GetAsync("/v1/mail/m2", session)).ShouldRefuse(404, "bad_request", "inbox_message_unknown");
    }

    [Fact]
    public async Task Nothing_of_a_message_is_logged()
    {
        var port = Peers.FreePort();
        await using var cloud = await LocalCloud.LocalCloudHost.StartAsync(
            new LocalCloud.Configuration.LocalCloudOptions { Port = 0, Issuer = $"http://127.0.0.1:{port}" });
        var url = cloud.BaseAddress.ToString();
        string errors;
        await using (var broker = await BrokerProcess.StartAsync(BrokerProcess.Settings(
            ("BROKER_PORT", $"{port}"), ("BROKER_DEV_MODE", "true"), ("BROKER_LOG_LEVEL", "trace"),
            ("BROKER_OIDC_ISSUER", $"http://127.0.0.1:{port}"), ("BROKER_DATA_ROLE_ARN", MailSite.DataRole),
            ("BROKER_DATA_BUCKET", MailSite.Bucket), ("AWS_ENDPOINT_URL_STS", url), ("AWS_ENDPOINT_URL_S3", url))))
        {
            var session = await broker.SignInAsync(_wallet);
            var minted = (await broker.PostAsync("/v1/mint-aws-creds", bearer: session)).ShouldBeOk();
            using var s3 = new Amazon.S3.AmazonS3Client(
                new Amazon.Runtime.SessionAWSCredentials(
                    minted["access_key_id"], minted["secret_access_key"], minted["session_token"]),
                new Amazon.S3.AmazonS3Config
                {
                    ServiceURL = url,
                    AuthenticationRegion = "us-east-1",
                    ForcePathStyle = true,
                });
            foreach (var (id, body) in ((string, string)[])
            [
                ("telltale-id",
                    "Subject: telltale-subject\r\nFrom: telltale-from@example.org\r\n\r\ncode 481516 telltale"),
                ("telltale-zero", "\0\0telltale"),
            ])
            {
                await s3.PutObjectAsync(new()
                {
                    BucketName = MailSite.Bucket,
                    Key = $"bots/{_wallet.Omni}/inbound/{id}",
                    ContentBody = body,
                });
                var shown = await broker.GetAsync($"/v1/mail/{id}", ("Authorization", $"Bearer {session}"));
                ((int)shown.Status).ShouldBeOneOf(200, 422);
            }

            (await broker.GetAsync("/v1/mail", ("Authorization", $"Bearer {session}"))).ShouldBeOk();
            broker.Terminate();
            errors = (await broker.WaitForEndAsync()).Errors;
        }

        errors.ShouldContain("GET /v1/mail/{id} 200");
        errors.ShouldNotContain("telltale");
        errors.ShouldNotContain("481516");
    }

    /// <summary>The mail bucket as some operators grant it: by wallet alone.</summary>
    private static string OnlyWallets(string issuer)
    {
        var provider = issuer[(issuer.IndexOf("://", StringComparison.Ordinal) + 3)..];
        return $$"""
            {
              "account": "000000000000",
              "providers": [{ "issuer": "{{issuer}}", "clientIds": ["sts.amazonaws.com"] }],
              "roles": [{
                "name": "agentkeys-data-role",
                "trustPolicy": { "Version": "2012-10-17", "Statement": [{ "Effect": "Allow",
                  "Principal": { "Federated": "arn:aws:iam::000000000000:oidc-provider/{{provider}}" },
                  "Action": ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"] }] },
                "policies": [{ "Version": "2012-10-17", "Statement": [
                  { "Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::{{MailSite.Bucket}}",
                    "Condition": { "StringLike": { "s3:prefix": "bots/${aws:PrincipalTag/agentkeys_user_wallet}/*" } } },
                  { "Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource":
                    "arn:aws:s3:::{{MailSite.Bucket}}/bots/${aws:PrincipalTag/agentkeys_user_wallet}/*" }] }]
              }],
              "buckets": [{ "name": "{{MailSite.Bucket}}" }]
            }
            """;
    }
}
