using Broker.Foundation.Settings;
using Broker.Tests.Hosting;

namespace Broker.Tests.Aws;

/// <summary><c>BROKER_ROLES_PATH</c>: roles in any account and partition, and what of the file stops a start.</summary>
public sealed class RolesFileTests : IDisposable
{
    private const string Reports = "arn:aws:iam::111122223333:role/team/reports";

    private readonly TemporaryFolder _folder = new();
    private readonly Wallet _wallet = new();

    private string File => System.IO.Path.Combine(_folder.Path, "roles.json");

    public void Dispose()
    {
        _wallet.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_role_of_the_file_is_asked_for_by_name_or_arn_within_its_own_limits()
    {
        Write($$"""
            { "roles": [{ "name": "reports", "arn": "{{Reports}}", "bucket": "acme-reports", "max_session_seconds": 1800 }] }
            """);
        await using var broker = await StartAsync();
        var session = await broker.SignInAsync(_wallet);

        foreach (var role in (string[])["reports", Reports])
        {
            (await broker.PostAsync("/v1/mint-aws-creds", new { role }, session)).ShouldBeOk()["role_arn"]
                .ShouldBe(Reports);
            broker.Sts.LastCall["RoleArn"].ShouldBe(Reports);
            broker.Sts.LastCall["DurationSeconds"].ShouldBe("1800");
            broker.Sts.LastCall["Policy"].ShouldNotBeNull().ShouldContain($"acme-reports/bots/{_wallet.Omni}/*");
            broker.Sts.LastCall["Policy"]!.ShouldNotContain(_wallet.Address);
        }

        (await broker.PostAsync("/v1/mint-aws-creds", new { role = "reports", duration_seconds = 1801 }, session))
            .ShouldRefuse(400, "bad_request", "lifetime_out_of_bounds")["message"]!.ShouldContain("900 and 1800");
        (await broker.PostAsync("/v1/mint-aws-creds", new { role = "data", duration_seconds = 1801 }, session))
            .ShouldBeOk();
    }

    [Fact]
    public async Task A_changed_file_is_in_force_and_one_that_cannot_be_used_changes_nothing()
    {
        Write($$"""{ "roles": [{ "name": "reports", "arn": "{{Reports}}" }] }""");
        await using var broker = await StartAsync();
        var session = await broker.SignInAsync(_wallet);

        Write($$"""{ "roles": [{ "name": "renamed", "arn": "{{Reports}}" }] }""");
        (await MintAsync("renamed")).ShouldBeOk();
        (await MintAsync("reports")).ShouldRefuse(400, "bad_request", "role_not_in_catalogue");
        (await ReadinessAsync()).ShouldBe("ready");

        Write("""{ "roles": [{ "name": "broken" """);
        (await ReadinessAsync()).ShouldBe("degraded");
        (await MintAsync("renamed")).ShouldBeOk();

        System.IO.File.Delete(File);
        (await ReadinessAsync()).ShouldBe("degraded");
        (await MintAsync("renamed")).ShouldBeOk();

        Task<Answer> MintAsync(string role) => broker.PostAsync("/v1/mint-aws-creds", new { role }, session);

        async Task<string> ReadinessAsync()
        {
            var answer = (await broker.GetAsync("/readyz")).Json;
            return answer.TryGetProperty("checks", out var checks) && checks.EnumerateArray()
                .Any(one => one.GetProperty("name").GetString() == "roles")
                ? "degraded"
                : "ready";
        }
    }

    [Theory]
    [InlineData("""{ "roles": {} }""", "a file of roles")]
    [InlineData("""{ "roles": [], "more": 1 }""", "a file of roles")]
    [InlineData("""{ "roles": [{ "name": "a" }] }""", "a file of roles")]
    [InlineData("""{ "roles": [{ "name": "a", "arn": "arn:aws:iam::111122223333:role/a", "bucet": "x" }] }""", "a file of")]
    [InlineData("""{ "roles": [{ "name": "A b", "arn": "arn:aws:iam::111122223333:role/a" }] }""", "name")]
    [InlineData("""{ "roles": [{ "name": "vault", "arn": "arn:aws:iam::111122223333:role/a" }] }""",
        "BROKER_VAULT_ROLE_ARN")]
    [InlineData("""{ "roles": [{ "name": "a", "arn": "arn:aws:iam::1:role/a" }] }""", "a: arn")]
    [InlineData("""{ "roles": [{ "name": "a", "arn": "arn:aws:iam::111122223333:role/a", "bucket": "No" }] }""",
        "a: bucket")]
    [InlineData("""{ "roles": [{ "name": "a", "arn": "arn:aws:iam::111122223333:role/a", "session_policy": "all" }] }""",
        "session_policy")]
    [InlineData(
        """{ "roles": [{ "name": "a", "arn": "arn:aws:iam::111122223333:role/a", "session_policy": "own_prefix" }] }""",
        "needs a bucket")]
    [InlineData(
        """{ "roles": [{ "name": "a", "arn": "arn:aws:iam::111122223333:role/a", "max_session_seconds": 899 }] }""",
        "max_session_seconds")]
    [InlineData("""{ "roles": [{ "name": "a", "arn": "arn:aws-cn:iam::111122223333:role/a" }] }""", "a: region")]
    [InlineData("""{ "roles": [{ "name": "a", "arn": "arn:aws:iam::111122223333:role/a", "via": "b" }] }""", "a: via")]
    [InlineData("""
        { "roles": [{ "name": "a", "arn": "arn:aws:iam::111122223333:role/a", "via": "data" },
                    { "name": "b", "arn": "arn:aws:iam::111122223333:role/b", "via": "a" }] }
        """, "b: via")]
    [InlineData("""
        { "roles": [{ "name": "a", "arn": "arn:aws-cn:iam::111122223333:role/a", "via": "data", "region": "cn-north-1" }] }
        """, "another partition")]
    [InlineData("""
        { "roles": [{ "name": "a", "arn": "arn:aws:iam::111122223333:role/a", "via": "data", "max_session_seconds": 3601 }] }
        """, "at most 3600")]
    [InlineData("""
        { "roles": [{ "name": "a", "arn": "arn:aws:iam::111122223333:role/a" },
                    { "name": "a", "arn": "arn:aws:iam::111122223333:role/b" }] }
        """, "the role a twice")]
    [InlineData("""
        { "roles": [{ "name": "a", "arn": "arn:aws:iam::123456789012:role/agentkeys-data-role" }] }
        """, "twice")]
    public async Task A_file_that_cannot_be_used_stops_the_start_and_says_why(string text, string why)
    {
        Write(text);
        (await FailureAsync()).ShouldContain(why);
    }

    [Fact]
    public async Task A_file_that_others_may_write_stops_the_start()
    {
        Write("""{ "roles": [] }""");
        System.IO.File.SetUnixFileMode(File, System.IO.File.GetUnixFileMode(File) | UnixFileMode.GroupWrite);

        (await FailureAsync()).ShouldContain("chmod go-w");
    }

    private async Task<string> FailureAsync()
    {
        var failure = await Should.ThrowAsync<BootFailException>(async () => await (await StartAsync()).DisposeAsync());
        failure.Line.ShouldStartWith("BOOT_FAIL: BROKER_ROLES_PATH=");
        return failure.Line;
    }

    private Task<BrokerApp> StartAsync() => BrokerApp.StartAsync(("BROKER_ROLES_PATH", File));

    private void Write(string text) => System.IO.File.WriteAllText(File, text);
}
