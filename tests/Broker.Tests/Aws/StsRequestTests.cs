using System.Text.Json;
using Broker.Tests.Hosting;

namespace Broker.Tests.Aws;

/// <summary>What STS is asked for: role, name, tags, policy and lifetime, in both modes.</summary>
public sealed class StsRequestTests(SharedBroker shared) : IClassFixture<SharedBroker>, IAsyncLifetime
{
    private static readonly (string, string)[] OwnKeys =
    [
        ("DAEMON_ACCESS_KEY_ID", "AKIADAEMON"),
        ("DAEMON_SECRET_ACCESS_KEY", "daemon-secret"),
        ("BROKER_OIDC_SOURCE_IDENTITY", "true"),
    ];

    private readonly BrokerApp _broker = shared.App;
    private readonly Wallet _wallet = new();
    private string _session = "";

    public async Task InitializeAsync() => _session = await _broker.SignInAsync(_wallet);

    public Task DisposeAsync()
    {
        _wallet.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Web_identity_is_an_anonymous_call_with_a_token_for_this_call_alone()
    {
        var answer = (await _broker.PostAsync("/v1/mint-aws-creds", new { duration_seconds = 1800 }, _session))
            .ShouldBeOk();

        var call = _broker.Sts.LastCall;
        call.Action.ShouldBe("AssumeRoleWithWebIdentity");
        call.Authorization.ShouldBeEmpty();
        call["RoleArn"].ShouldBe(BrokerApp.DataRole);
        call["DurationSeconds"].ShouldBe("1800");
        call["RoleSessionName"].ShouldBe($"agentkeys-{_wallet.Address[..10]}-{answer["audit_record_id"]}");
        call["RoleSessionName"]!.ShouldMatch(@"^[\w+=,.@-]{2,64}$");
        _broker.RowOf(answer).StsSessionName.ShouldBe(call["RoleSessionName"]);

        var token = Jws.Parse(call["WebIdentityToken"]!);
        token.VerifiesWith((await _broker.GetAsync("/.well-known/jwks.json")).Json).ShouldBeTrue();
        token["jti"].ShouldBe(answer["audit_record_id"]);
        token["sub"].ShouldBe($"agentkeys:agent:{_wallet.Address}");
        token.Claims.GetProperty("https://aws.amazon.com/roles").GetRawText().ShouldBe($"[\"{BrokerApp.DataRole}\"]");
        (token.Claims.GetProperty("exp").GetInt64() - token.Claims.GetProperty("iat").GetInt64()).ShouldBe(300);
    }

    [Fact]
    public async Task Own_prefix_narrows_the_session_to_the_actors_and_in_the_mail_bucket_also_the_wallets_prefix()
    {
        (await _broker.PostAsync("/v1/mint-aws-creds", bearer: _session)).ShouldBeOk();

        string actor = $"bots/{_wallet.Omni}/*", wallet = $"bots/{_wallet.Address}/*";
        var statements = _broker.Sts.LastCall.Policy.GetProperty("Statement").EnumerateArray().ToList();
        statements.Count.ShouldBe(2);
        statements.ShouldAllBe(one => one.GetProperty("Effect").GetString() == "Allow");
        Texts(statements[0], "Action")
            .ShouldBe(
                [
                    "s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload",
                    "s3:ListMultipartUploadParts",
                ]);
        Texts(statements[0], "Resource")
            .ShouldBe([$"arn:aws:s3:::agentkeys-mail/{actor}", $"arn:aws:s3:::agentkeys-mail/{wallet}"]);
        Texts(statements[1], "Action").ShouldBe(["s3:ListBucket"]);
        Texts(statements[1], "Resource").ShouldBe(["arn:aws:s3:::agentkeys-mail"]);
        Texts(statements[1].GetProperty("Condition").GetProperty("StringLike"), "s3:prefix").ShouldBe([actor, wallet]);
        _broker.Sts.LastCall["Policy"]!.Length.ShouldBeLessThanOrEqualTo(2048);
    }

    [Fact]
    public async Task A_role_without_a_bucket_is_not_narrowed_and_the_record_says_so()
    {
        var vault = (await _broker.PostAsync("/v1/mint-aws-creds", new { role = "vault" }, _session)).ShouldBeOk();

        _broker.Sts.LastCall["Policy"].ShouldBeNull();
        _broker.Sts.LastCall["RoleArn"].ShouldBe(BrokerApp.VaultRole);
        vault["role_arn"].ShouldBe(BrokerApp.VaultRole);
        _broker.RowOf(vault).Evidence.ShouldBe("""{"session_policy":"none","sts_mode":"web_identity"}""");
    }

    [Fact]
    public async Task A_vault_is_narrowed_to_the_actor_alone_in_the_partition_of_its_role()
    {
        await using var broker = await BrokerApp.StartAsync(
            ("BROKER_VAULT_ROLE_ARN", "arn:aws-cn:iam::123456789012:role/vault"),
            ("BROKER_VAULT_BUCKET", "vault-bucket"));

        var answer =
            (await broker.PostAsync("/v1/mint-aws-creds", new { role = "vault" }, await broker.SignInAsync(_wallet)))
                .ShouldBeOk();

        Texts(broker.Sts.LastCall.Policy.GetProperty("Statement")[0], "Resource")
            .ShouldBe([$"arn:aws-cn:s3:::vault-bucket/bots/{_wallet.Omni}/*"]);
        broker.RowOf(answer).Evidence.ShouldBe("""{"session_policy":"own_prefix","sts_mode":"web_identity"}""");
    }

    [Fact]
    public async Task The_operator_may_turn_narrowing_off()
    {
        await using var broker = await BrokerApp.StartAsync(("BROKER_SESSION_POLICY", "none"));

        (await broker.PostAsync("/v1/mint-aws-creds", bearer: await broker.SignInAsync(_wallet))).ShouldBeOk();

        broker.Sts.LastCall["Policy"].ShouldBeNull();
    }

    [Fact]
    public async Task Assume_role_signs_with_the_brokers_own_keys_and_sends_tags_that_go_along_role_chains()
    {
        await using var broker = await BrokerApp.StartAsync(OwnKeys);

        var answer = (await broker.PostAsync("/v1/mint-aws-creds", bearer: await broker.SignInAsync(_wallet)))
            .ShouldBeOk();

        var call = broker.Sts.LastCall;
        call.Action.ShouldBe("AssumeRole");
        call.Authorization.ShouldStartWith("AWS4-HMAC-SHA256 Credential=AKIADAEMON/");
        call.Authorization.ShouldContain("/us-east-1/sts/aws4_request");
        call.Tags.Count.ShouldBe(2);
        call.Tags["agentkeys_user_wallet"].ShouldBe(_wallet.Address);
        call.Tags["agentkeys_actor_omni"].ShouldBe(_wallet.Omni);
        call.TransitiveTagKeys.ShouldBe(["agentkeys_user_wallet", "agentkeys_actor_omni"]);
        call["SourceIdentity"].ShouldBe(_wallet.Address);
        call["WebIdentityToken"].ShouldBeNull();
        call["Policy"].ShouldNotBeNull();
        broker.RowOf(answer).Evidence.ShouldBe("""{"session_policy":"own_prefix","sts_mode":"assume_role"}""");
        broker.Sts.Calls[0].Action.ShouldBe("GetCallerIdentity");
    }

    [Fact]
    public async Task Static_keys_do_not_force_assume_role_where_web_identity_is_asked_for()
    {
        await using var broker = await BrokerApp.StartAsync([.. OwnKeys, ("BROKER_STS_MODE", "web_identity")]);

        (await broker.PostAsync("/v1/mint-aws-creds", bearer: await broker.SignInAsync(_wallet))).ShouldBeOk();

        broker.Sts.Calls.ShouldHaveSingleItem().Action.ShouldBe("AssumeRoleWithWebIdentity");
    }

    [Fact]
    public async Task The_time_that_sts_gives_is_the_time_that_is_answered_and_recorded()
    {
        var until = _broker.Clock.Now.AddMinutes(20);
        _broker.Sts.Reply = call => StsReply.Result(call.Action,
            "<Credentials><AccessKeyId>ASIASHORT</AccessKeyId><SecretAccessKey>k</SecretAccessKey>"
            + "<SessionToken>t</SessionToken>"
            + $"<Expiration>{until.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}</Expiration></Credentials>");
        try
        {
            var answer = (await _broker.PostAsync("/v1/mint-aws-creds", bearer: _session)).ShouldBeOk();

            answer.Number("expiration").ShouldBe(until.ToUnixTimeSeconds());
            _broker.RowOf(answer).ExpiresAt.ShouldBe(until.ToUnixTimeSeconds());
        }
        finally
        {
            _broker.Sts.Reply = _broker.Sts.Grant;
        }
    }

    private static IReadOnlyList<string?> Texts(JsonElement element, string member) =>
        [.. element.GetProperty(member).EnumerateArray().Select(one => one.GetString())];
}
