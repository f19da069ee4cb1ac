using Broker.Cli.Client;
using Broker.Cli.Terminal;
using Broker.Cli.Tests.Support;

namespace Broker.Cli.Tests.Roles;

/// <summary><c>roles</c> and <c>explain</c> against a real broker.</summary>
public sealed class RolesTests(BrokerSite site) : IClassFixture<BrokerSite>
{
    [Fact]
    public async Task Roles_are_a_table_and_JSON()
    {
        using var user = await site.SignedInAsync();

        var json = (await user.RunAsync("roles", "--json")).ShouldSucceed().Json;
        var omni = json.GetProperty("actor_omni").GetString();
        var vault = json.GetProperty("roles").EnumerateArray()
            .Single(role => role.GetProperty("name").GetString() == "vault");
        vault.GetProperty("granted").GetBoolean().ShouldBeTrue();
        vault.GetProperty("bucket").GetString().ShouldBe(BrokerSite.VaultBucket);
        vault.GetProperty("max_duration_seconds").GetInt32().ShouldBe(43_200);

        var lines = (await user.RunAsync("roles")).ShouldSucceed().Output.Split('\n');
        lines[0].ShouldBe($"actor   {omni}");
        var header = lines.Single(line => line.StartsWith("ROLE ", StringComparison.Ordinal));
        var row = lines.Single(line => line.StartsWith("vault ", StringComparison.Ordinal));
        row.ShouldContain($"s3://{BrokerSite.VaultBucket}/bots/{omni}/");

        // Columns stand under their headers.
        row.IndexOf("yes", StringComparison.Ordinal).ShouldBe(header.IndexOf("GRANTED", StringComparison.Ordinal));
        row.IndexOf("arn:aws:iam", StringComparison.Ordinal).ShouldBe(header.IndexOf("ARN", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Explain_shows_checks_tags_and_the_session_policy()
    {
        using var user = await site.SignedInAsync();

        var told = (await user.RunAsync("explain", "--role", "vault", "--duration", "900")).ShouldSucceed().Output;

        told.ShouldContain("granted\n");
        told.ShouldContain("900 s");
        told.ShouldContain("agentkeys_actor_omni");
        told.ShouldContain($"arn:aws:s3:::{BrokerSite.VaultBucket}/bots/");
        told.ShouldContain("sts:AssumeRoleWithWebIdentity, sts:TagSession");
        var json = (await user.RunAsync("explain", "--role", "vault", "--json")).ShouldSucceed().Json;
        json.GetProperty("granted").GetBoolean().ShouldBeTrue();
        json.GetProperty("session_policy").GetProperty("Statement").GetArrayLength().ShouldBeGreaterThan(0);
        json.GetProperty("checks").EnumerateArray().ShouldAllBe(check => check.GetProperty("passed").GetBoolean());
    }

    [Theory]
    [InlineData("role_not_in_catalogue", "BROKER_ROLES_PATH", "--role", "nobodys")]
    [InlineData("lifetime_out_of_bounds", "--max-session-duration", "--role", "vault", "--duration", "50000")]
    public async Task A_refusal_names_what_to_change(string code, string change, params string[] wish)
    {
        using var user = await site.SignedInAsync();

        var told = await user.RunAsync(["explain", .. wish]);

        told.Code.ShouldBe(ExitCode.Failed);
        told.Output.ShouldContain("REFUSED");
        told.Output.ShouldContain($"({code})");
        told.Output.ShouldContain("not granted");
        told.Output.ShouldContain($"the operator can: ");
        told.Output.ShouldContain(change);
        var json = await user.RunAsync(["explain", "--json", .. wish]);
        json.Code.ShouldBe(ExitCode.Failed);
        var refused = json.Json.GetProperty("checks").EnumerateArray()
            .Single(check => !check.GetProperty("passed").GetBoolean());
        refused.GetProperty("code").GetString().ShouldBe(code);
        refused.GetProperty("change").GetString().ShouldNotBeNull().ShouldContain(change);
        (await user.RunAsync(["creds", "--region", "us-east-1", .. wish])).Error.ShouldContain(change);
    }

    /// <summary>The broker hands on STS's code; what it means in IAM stands in the reference of AWS STS.</summary>
    [Theory]
    [InlineData("assume_role: AccessDenied: denied", "sts:TagSession")]
    [InlineData("assume_role: InvalidIdentityToken: no", "create-open-id-connect-provider")]
    [InlineData("assume_role: IDPCommunicationError: no", ".well-known/openid-configuration")]
    public void A_refusal_of_STS_names_the_statement(string message, string change) =>
        Remedy.Of("sts_failed", message).ShouldNotBeNull().ShouldContain(change);

    [Fact]
    public void What_a_server_sends_does_not_speak_to_the_terminal()
    {
        using var output = new StringWriter();
        var table = new Table("A", "B");
        table.Add("\u001b[2Jx", "y");

        table.Write(output);

        output.ToString().ShouldBe("A      B\n?[2Jx  y\n");
    }
}
