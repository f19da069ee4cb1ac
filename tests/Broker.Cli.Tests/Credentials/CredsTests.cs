using System.Globalization;
using System.Text.Json;
using Broker.Cli.Terminal;
using Broker.Cli.Tests.Support;

namespace Broker.Cli.Tests.Credentials;

/// <summary><c>brokerctl creds</c>: each format as its readers read it, and the credential process with its cache.</summary>
public sealed class CredsTests(BrokerSite site) : IClassFixture<BrokerSite>
{
    private static readonly string[] Variables =
    [
        "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION",
        "AGENTKEYS_USER_WALLET",
    ];

    [Fact]
    public async Task Env_is_for_a_shell_to_evaluate_and_has_the_six_names()
    {
        using var user = await site.SignedInAsync();
        var printed = (await user.RunAsync("creds")).ShouldSucceed().Output;
        printed.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('=')[0])
            .ShouldBe(Variables.Select(name => $"export {name}"));
        await File.WriteAllTextAsync(user.File("creds.env"), printed);

        // A POSIX shell reads it, and a program in it has the variables.
        var shell = (await user.RunProgramAsync("/bin/sh", ["-c", ". ./creds.env; env"])).ShouldSucceed();

        var seen = shell.Output.Split('\n').Where(line => Variables.Any(name => line.StartsWith(name + "=", StringComparison.Ordinal)))
            .ToDictionary(line => line.Split('=')[0], line => line[(line.IndexOf('=') + 1)..]);
        seen.Count.ShouldBe(6);
        seen["AWS_REGION"].ShouldBe("us-east-1");
        seen["AWS_DEFAULT_REGION"].ShouldBe("us-east-1");
        var address = (await user.RunAsync("wallet", "address", "--key", user.KeyFile)).Output.Trim();
        seen["AGENTKEYS_USER_WALLET"].ShouldBe(address);
        seen["AWS_ACCESS_KEY_ID"].ShouldStartWith("ASIA");
    }

    [Theory]
    [InlineData("dotenv", "AWS_ACCESS_KEY_ID='ASIA")]
    [InlineData("powershell", "$Env:AWS_ACCESS_KEY_ID = 'ASIA")]
    [InlineData("json", "\"access_key_id\": \"ASIA")]
    public async Task The_other_formats_name_the_same(string format, string part)
    {
        using var user = await site.SignedInAsync();

        (await user.RunAsync("creds", "--format", format)).ShouldSucceed().Output.ShouldContain(part);
    }

    [Fact]
    public async Task The_credential_process_keeps_what_it_got_for_its_session_and_role()
    {
        using var user = await site.SignedInAsync();
        string[] vault = ["creds", "--role", "vault", "--format", "credential-process"];

        var first = (await user.RunAsync(vault)).ShouldSucceed().Json;
        first.EnumerateObject().Select(member => member.Name)
            .ShouldBe(["Version", "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration", "AccountId"]);
        first.GetProperty("Version").GetInt32().ShouldBe(1);
        DateTimeOffset.Parse(first.GetProperty("Expiration").GetString()!, CultureInfo.InvariantCulture)
            .ShouldBeGreaterThan(DateTimeOffset.UtcNow.AddMinutes(50));

        // The same again, also to many at once; another role, wish or session gets its own.
        var many = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => user.RunAsync(vault)));
        many.ShouldAllBe(ran => KeyOf(ran) == KeyOf(first));
        KeyOf(await user.RunAsync([.. vault, "--no-cache"])).ShouldNotBe(KeyOf(first));
        KeyOf(await user.RunAsync("creds", "--format", "credential-process")).ShouldNotBe(KeyOf(first));
        KeyOf(await user.RunAsync([.. vault, "--duration", "900"])).ShouldNotBe(KeyOf(first));
        foreach (var file in Directory.EnumerateFiles(user.StateFolder))
            File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite, file);

        (await user.RunAsync("logout")).ShouldSucceed();
        Directory.EnumerateFiles(user.StateFolder, "credentials-*").ShouldBeEmpty();
        (await user.RunAsync("login", "--wallet", user.KeyFile)).ShouldSucceed();
        KeyOf(await user.RunAsync(vault)).ShouldNotBe(KeyOf(first));
    }

    [Fact]
    public async Task Ten_at_once_mint_once()
    {
        using var user = await site.SignedInAsync();

        var many = await Task.WhenAll(Enumerable.Range(0, 10)
            .Select(_ => user.RunAsync("creds", "--format", "credential-process")));

        many.Select(ran => KeyOf(ran.ShouldSucceed())).Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task The_aws_command_line_copies_by_credential_process()
    {
        using var user = await site.SignedInAsync();
        var omni = (await user.RunAsync("whoami", "--json")).Json.GetProperty("omni_account").GetString();
        var info = BrokerCtlProgram.Info("creds", "--role", "vault", "--format", "credential-process");
        var process = string.Join(' ', info.ArgumentList.Prepend(info.FileName));
        Directory.CreateDirectory(user.File(".aws"));
        await File.WriteAllTextAsync(user.File(".aws/config"),
            $"[default]\nregion = us-east-1\ncredential_process = {process}\n");
        await File.WriteAllTextAsync(user.File("note.txt"), "by process");
        var target = $"s3://{BrokerSite.VaultBucket}/bots/{omni}/note.txt";

        (await AwsAsync("s3", "cp", user.File("note.txt"), target)).ShouldSucceed();
        (await AwsAsync("s3", "cp", target, "-")).ShouldSucceed().Output.ShouldBe("by process");

        Task<Ran> AwsAsync(params string[] arguments) => user.RunProgramAsync(
            "/usr/bin/aws", ["--endpoint-url", site.Cloud.AbsoluteUri, .. arguments],
            ("AWS_EC2_METADATA_DISABLED", "true"));
    }

    [Fact]
    public async Task A_refusal_is_told_with_its_code_and_next_step()
    {
        using var user = await site.SignedInAsync();

        var refused = await user.RunAsync("creds", "--role", "nobodys", "--region", "us-east-1", "--json");

        refused.Code.ShouldBe(ExitCode.Failed);
        refused.Output.ShouldBeEmpty();
        var error = JsonDocument.Parse(refused.Error).RootElement;
        error.GetProperty("code").GetString().ShouldBe("role_not_in_catalogue");
        error.GetProperty("next_step").GetString().ShouldNotBeNullOrEmpty();
        (await user.RunAsync("creds", "--role", "nobodys")).Error.ShouldContain("brokerctl roles");
    }

    private static string? KeyOf(Ran ran) => KeyOf(ran.ShouldSucceed().Json);

    private static string? KeyOf(JsonElement credentials) => credentials.GetProperty("AccessKeyId").GetString();
}
