using System.Text.Json.Nodes;
using Broker.Cli.Terminal;
using Broker.Cli.Tests.Support;

namespace Broker.Cli.Tests.Iam;

/// <summary><c>brokerctl iam</c>: an account that is told what it prints gives each actor its own.</summary>
public sealed class IamTests(PrintedSite site) : IClassFixture<PrintedSite>
{
    [Theory]
    [InlineData("vault", "acme-vault")]
    [InlineData("memory", "acme-memory")]
    [InlineData("data", "acme-mail")]
    [InlineData("reports", "acme-reports")]
    [InlineData("prod", "acme-prod")]
    public async Task A_token_opens_the_role_and_reaches_its_own_prefix_and_nothing_else(string role, string bucket)
    {
        var keys = (await site.User.RunAsync("creds", "--role", role, "--format", "json")).ShouldSucceed().Json;
        (string, string)[] session =
        [
            ("AWS_ACCESS_KEY_ID", keys.GetProperty("access_key_id").GetString()!),
            ("AWS_SECRET_ACCESS_KEY", keys.GetProperty("secret_access_key").GetString()!),
            ("AWS_SESSION_TOKEN", keys.GetProperty("session_token").GetString()!),
            ("AWS_DEFAULT_REGION", "us-east-1"), ("AWS_EC2_METADATA_DISABLED", "true"),
        ];
        var (own, others) = ($"bots/{site.Omni}/", $"bots/{new string('0', 64)}/");
        var note = site.User.File($"{role}.txt");
        await File.WriteAllTextAsync(note, role);

        (await AwsAsync("s3", "cp", note, $"s3://{bucket}/{own}note.txt")).ShouldSucceed();
        (await AwsAsync("s3", "cp", $"s3://{bucket}/{own}note.txt", "-")).ShouldSucceed().Output.ShouldBe(role);
        (await AwsAsync("s3", "ls", $"s3://{bucket}/{own}")).ShouldSucceed().Output.ShouldContain("note.txt");
        (await AwsAsync("s3", "rm", $"s3://{bucket}/{own}note.txt")).ShouldSucceed();

        await DeniedAsync("put-object", "--bucket", bucket, "--key", $"{others}note.txt", "--body", note);
        await DeniedAsync("put-object", "--bucket", bucket, "--key", "note.txt", "--body", note);
        await DeniedAsync("list-objects-v2", "--bucket", bucket, "--prefix", others);
        await DeniedAsync("list-objects-v2", "--bucket", bucket);
        string[] toTheWallet = ["put-object", "--bucket", bucket, "--key", $"bots/{site.Wallet}/a", "--body", note];
        if (role == "data") (await AwsAsync(["s3api", .. toTheWallet])).ShouldSucceed();
        else await DeniedAsync(toTheWallet);
        var another = bucket == "acme-mail" ? "acme-memory" : "acme-mail";
        await DeniedAsync("put-object", "--bucket", another, "--key", $"{own}note.txt", "--body", note);

        Task<Ran> AwsAsync(params string[] arguments) => site.User.RunProgramAsync(
            "/usr/bin/aws", ["--endpoint-url", site.Cloud.AbsoluteUri, .. arguments], session);

        async Task DeniedAsync(params string[] arguments)
        {
            var ran = await AwsAsync(["s3api", .. arguments]);
            ran.Code.ShouldNotBe(0, ran.Output);
            ran.Error.ShouldContain("AccessDenied", customMessage: string.Join(' ', arguments));
        }
    }

    [Fact]
    public async Task Without_json_it_is_a_script_that_a_shell_can_read()
    {
        foreach (var command in new[] { "provider", "trust-policy", "bucket-policy", "role-policy" })
        {
            var ran = (await site.User.RunAsync("iam", command)).ShouldSucceed();
            await File.WriteAllTextAsync(site.User.File("script.sh"), ran.Output);
            (await site.User.RunProgramAsync("/bin/sh", ["-n", "script.sh"])).ShouldSucceed();
            ran.Output.ShouldContain("aws ");
        }

        // What the shell writes is the document, and the AWS command line is told a role's path apart from its name.
        var script = (await site.User.RunAsync("iam", "trust-policy", "--role", "reports")).Output;
        await File.WriteAllTextAsync(site.User.File("script.sh"), $"aws() {{ printf '%s|' \"$@\"; echo; }}\n{script}");
        var called = (await site.User.RunProgramAsync("/bin/sh", ["script.sh"])).ShouldSucceed().Output;
        called.ShouldContain(
            "iam|create-role|--role-name|reports|--path|/teams/|--max-session-duration|");
        JsonNode.DeepEquals(
            JsonNode.Parse(await File.ReadAllTextAsync(site.User.File("reports.trust.json"))),
            await site.PrintedAsync("trust-policy", "--role", "reports")).ShouldBeTrue();
    }

    [Fact]
    public async Task An_account_and_an_issuer_do_without_a_session_and_keep_their_partition()
    {
        using var stranger = new CommandLineUser(new Uri("http://127.0.0.1:9/"));
        string[] role = ["--account", "444455556666", "--partition", "aws-cn", "--role", "agents", "--bucket", "b"];

        var trust = (await stranger.RunAsync(
            ["iam", "trust-policy", .. role, "--issuer", "https://broker.example.com/tenant", "--json"]))
            .ShouldSucceed();
        var policy = (await stranger.RunAsync(["iam", "bucket-policy", .. role, "--json"])).ShouldSucceed();

        trust.Error.ShouldBeEmpty();
        var statement = trust.Json.GetProperty("Statement")[0];
        statement.GetProperty("Principal").GetProperty("Federated").GetString()
            .ShouldBe("arn:aws-cn:iam::444455556666:oidc-provider/broker.example.com/tenant");
        statement.GetProperty("Condition").GetProperty("StringEquals")
            .GetProperty("broker.example.com/tenant:aud").GetString().ShouldBe("sts.amazonaws.com");
        policy.Json.GetProperty("Statement")[1].GetProperty("Principal").GetProperty("AWS").GetString()
            .ShouldBe("arn:aws-cn:iam::444455556666:role/agents");
        policy.Json.GetProperty("Statement")[0].GetProperty("Resource").GetString().ShouldBe("arn:aws-cn:s3:::b");
    }

    [Theory]
    [InlineData("http://broker.example.com", "not https")]
    [InlineData("https://broker.example.com:8443", "port")]
    [InlineData("https://broker.example.com:443", "port")]
    [InlineData("https://broker.example.com/", "slash")]
    [InlineData("https://broker.example.com?a=b", "query")]
    public async Task An_issuer_that_AWS_refuses_is_noted(string issuer, string why)
    {
        var ran = (await site.User.RunAsync("iam", "provider", "--issuer", issuer, "--json")).ShouldSucceed();

        ran.Json.GetProperty("Url").GetString().ShouldBe(issuer);
        ran.Error.ShouldContain(why);
    }

    [Fact]
    public async Task What_is_missing_is_said()
    {
        (await site.User.RunAsync("iam", "trust-policy", "--json")).Code.ShouldBe(ExitCode.Misuse);
        (await site.User.RunAsync("iam", "trust-policy", "--role", "nobodys")).Error.ShouldContain("vault, memory");
        (await site.User.RunAsync("iam", "bucket-policy", "--account", "1", "--role", "r")).Error
            .ShouldContain("--bucket");
        using var stranger = new CommandLineUser(site.Broker);
        (await stranger.RunAsync("iam", "trust-policy")).Error.ShouldContain("--account");
    }
}
