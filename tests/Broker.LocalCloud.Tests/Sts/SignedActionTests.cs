using Amazon.Runtime;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;
using Broker.LocalCloud.Faults;
using Broker.LocalCloud.Tests.Support;

namespace Broker.LocalCloud.Tests.Sts;

/// <summary>AssumeRole and GetCallerIdentity: the signature, the two policies, tags that pass on.</summary>
public sealed class SignedActionTests : IAsyncLifetime
{
    private CloudUnderTest _cloud = null!;

    public async Task InitializeAsync() => _cloud = await CloudUnderTest.StartAsync();

    public async Task DisposeAsync() => await _cloud.DisposeAsync();

    [Fact]
    public async Task Tells_a_user_who_it_is()
    {
        using var sts = _cloud.DaemonSts();
        var identity = await sts.GetCallerIdentityAsync(new GetCallerIdentityRequest());

        identity.Arn.ShouldBe("arn:aws:iam::000000000000:user/agentkeys-daemon");
        identity.Account.ShouldBe("000000000000");
        identity.UserId.ShouldStartWith("AIDA");
    }

    [Fact]
    public async Task Tells_a_session_who_it_is()
    {
        using var sts = _cloud.Sts(await _cloud.AssumeAsync());

        (await sts.GetCallerIdentityAsync(new GetCallerIdentityRequest())).Arn.ShouldBe(
            "arn:aws:sts::000000000000:assumed-role/agentkeys-vault-role/agentkeys-test");
    }

    [Fact]
    public async Task Refuses_an_unsigned_request() =>
        (await RefusalAsync(_cloud.Sts())).ShouldBe("MissingAuthenticationToken");

    [Fact]
    public async Task Refuses_an_unknown_key() =>
        (await RefusalAsync(_cloud.Sts(new BasicAWSCredentials("AKIANOBODY", "secret"))))
            .ShouldBe("InvalidClientTokenId");

    [Fact]
    public async Task Refuses_a_wrong_secret()
    {
        var key = _cloud.Host.AccessKeys["agentkeys-daemon"];
        using var sts = _cloud.Sts(new BasicAWSCredentials(key.AccessKeyId, key.SecretAccessKey + "x"));

        (await RefusalAsync(sts)).ShouldBe("SignatureDoesNotMatch");
    }

    [Fact]
    public async Task Refuses_temporary_credentials_with_another_token()
    {
        var session = await _cloud.AssumeAsync();
        using var sts = _cloud.Sts(new SessionAWSCredentials(session.AccessKeyId, session.SecretAccessKey, "another"));
        using var without = _cloud.Sts(new BasicAWSCredentials(session.AccessKeyId, session.SecretAccessKey));

        (await RefusalAsync(sts)).ShouldBe("InvalidClientTokenId");
        (await RefusalAsync(without)).ShouldBe("InvalidClientTokenId");
    }

    [Fact]
    public async Task Refuses_expired_credentials()
    {
        // Issued five minutes ago for fifteen, used in eleven: past its time, but signed within the allowed skew.
        _cloud.SetClockAhead(-TimeSpan.FromMinutes(5));
        using var daemon = _cloud.DaemonSts();
        var request = DaemonRequest();
        request.DurationSeconds = 900;
        using var sts = _cloud.Sts((await daemon.AssumeRoleAsync(request)).Credentials);
        (await RefusalAsync(sts)).ShouldBe("");

        _cloud.SetClockAhead(TimeSpan.FromMinutes(11));
        (await RefusalAsync(sts)).ShouldBe("ExpiredToken");
    }

    [Fact]
    public async Task Refuses_a_request_of_more_than_128_KiB()
    {
        using var http = new HttpClient { BaseAddress = _cloud.Host.BaseAddress };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/")
        {
            Content = new ByteArrayContent(new byte[128 * 1024 + 1]),

            // Refused before it is sent; else the refusal races with the broken connection.
            Headers = { ExpectContinue = true },
        };

        (await http.SendAsync(request)).StatusCode.ShouldBe(System.Net.HttpStatusCode.RequestEntityTooLarge);
    }

    [Theory]
    [InlineData("Action=AssumeRole")]
    [InlineData("Version=2011-06-15")]
    [InlineData("Action=AssumeRole&Version=2008-01-01")]
    [InlineData("Action=GetFederationToken&Version=2011-06-15")]
    [InlineData("Action=GetCallerIdentity&Action=AssumeRole&Version=2011-06-15")]
    public async Task Refuses_an_action_that_it_does_not_know(string form)
    {
        using var http = new HttpClient { BaseAddress = _cloud.Host.BaseAddress };
        using var body = new StringContent(form, System.Text.Encoding.ASCII, "application/x-www-form-urlencoded");
        using var answer = await http.PostAsync("/", body);

        answer.StatusCode.ShouldBe(System.Net.HttpStatusCode.BadRequest);
        (await answer.Content.ReadAsStringAsync()).ShouldMatch("<Code>(InvalidAction|ValidationError)</Code>");
    }

    [Theory]
    [InlineData(14, "")]
    [InlineData(-14, "")]
    [InlineData(16, "SignatureDoesNotMatch")]
    [InlineData(-16, "SignatureDoesNotMatch")]
    public async Task Takes_a_request_within_fifteen_minutes(int minutesAhead, string refusal)
    {
        _cloud.SetClockAhead(TimeSpan.FromMinutes(minutesAhead));
        using var sts = _cloud.DaemonSts();

        (await RefusalAsync(sts)).ShouldBe(refusal);
    }

    [Fact]
    public async Task Lets_the_daemon_assume_a_role_with_tags()
    {
        using var daemon = _cloud.DaemonSts();
        var answer = await daemon.AssumeRoleAsync(DaemonRequest());

        answer.AssumedRoleUser.Arn
            .ShouldBe("arn:aws:sts::000000000000:assumed-role/agentkeys-vault-role/daemon-session");
        using var s3 = _cloud.S3(answer.Credentials);
        await s3.PutObjectAsync(
            new() { BucketName = CloudUnderTest.VaultBucket, Key = $"bots/{Actors.Alice}/x", ContentBody = "x" });
    }

    [Fact]
    public async Task Does_not_let_the_daemon_assume_a_role_without_the_tag()
    {
        using var daemon = _cloud.DaemonSts();
        var request = DaemonRequest();
        request.Tags = [];
        request.TransitiveTagKeys = [];

        var refusal = await Should.ThrowAsync<AmazonSecurityTokenServiceException>(
            () => daemon.AssumeRoleAsync(request));

        refusal.ErrorCode.ShouldBe("AccessDenied");
        refusal.Message.ShouldBe(
            "User: arn:aws:iam::000000000000:user/agentkeys-daemon is not authorized to perform: sts:AssumeRole "
            + $"on resource: {CloudUnderTest.VaultRole}");
    }

    [Theory]
    [InlineData("agentkeys_actor_omni", "agentkeys_actor_omni")]
    [InlineData("a", "b")]
    public async Task Refuses_tags_that_do_not_fit_together(string second, string transitive)
    {
        using var daemon = _cloud.DaemonSts();
        var request = DaemonRequest();
        request.Tags.Add(new Tag { Key = second, Value = "x" });
        request.TransitiveTagKeys = [transitive];

        (await Should.ThrowAsync<AmazonSecurityTokenServiceException>(() => daemon.AssumeRoleAsync(request)))
            .ErrorCode.ShouldBe("ValidationError");
    }

    [Fact]
    public async Task A_session_may_not_assume_a_role_that_does_not_trust_it()
    {
        using var sts = _cloud.Sts(await _cloud.AssumeAsync());

        var request = DaemonRequest();
        (await Should.ThrowAsync<AmazonSecurityTokenServiceException>(() => sts.AssumeRoleAsync(request)))
            .ErrorCode.ShouldBe("ValidationError", "a transitive tag cannot be set again");
        request.Tags = [];
        request.TransitiveTagKeys = [];

        (await Should.ThrowAsync<AmazonSecurityTokenServiceException>(() => sts.AssumeRoleAsync(request)))
            .ErrorCode.ShouldBe("AccessDenied");
    }

    [Fact]
    public async Task Fails_on_purpose_when_told_to()
    {
        using var sts = _cloud.DaemonSts();
        _cloud.Host.Faults.Inject(new Fault(CloudPart.Sts, FaultKind.Error));
        (await RefusalAsync(sts)).ShouldBe("InternalFailure");
        _cloud.Host.Faults.Inject(new Fault(CloudPart.Sts, FaultKind.Throttle));
        (await RefusalAsync(sts)).ShouldBe("Throttling");

        _cloud.Host.Faults.Clear(CloudPart.Sts);
        (await RefusalAsync(sts)).ShouldBe("");
    }

    private static AssumeRoleRequest DaemonRequest() => new()
    {
        RoleArn = CloudUnderTest.VaultRole,
        RoleSessionName = "daemon-session",
        Tags = [new Tag { Key = "agentkeys_actor_omni", Value = Actors.Alice }],
        TransitiveTagKeys = ["agentkeys_actor_omni"],
    };

    /// <summary>The code with which GetCallerIdentity is refused, or the empty text.</summary>
    private static async Task<string> RefusalAsync(AmazonSecurityTokenServiceClient sts)
    {
        try
        {
            await sts.GetCallerIdentityAsync(new GetCallerIdentityRequest());
            return "";
        }
        catch (AmazonSecurityTokenServiceException refusal)
        {
            return refusal.ErrorCode;
        }
    }
}
