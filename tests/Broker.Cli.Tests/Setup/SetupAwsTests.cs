using System.Text;
using Broker.Cli.Tests.Support;

namespace Broker.Cli.Tests.Setup;

/// <summary><c>setup aws</c> on configuration files as people have them.</summary>
public sealed class SetupAwsTests(BrokerSite site) : IClassFixture<BrokerSite>
{
    [Fact]
    public async Task Writes_a_profile_for_each_role_with_which_the_aws_command_line_works()
    {
        using var user = await site.SignedInAsync();
        var omni = (await user.RunAsync("whoami", "--json")).Json.GetProperty("omni_account").GetString();

        var ran = (await user.RunAsync("setup", "aws", "--yes")).ShouldSucceed();

        ran.Output.ShouldContain("+[profile agentkeys-vault]");
        ran.Output.ShouldContain("+[profile agentkeys-data]");
        File.GetUnixFileMode(user.File(".aws/config")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await File.WriteAllTextAsync(user.File("note.txt"), "by profile");
        var target = $"s3://{BrokerSite.VaultBucket}/bots/{omni}/profile.txt";
        (await AwsAsync("s3", "cp", user.File("note.txt"), target)).ShouldSucceed();
        (await AwsAsync("s3", "cp", target, "-")).ShouldSucceed().Output.ShouldBe("by profile");

        // Undone: there was no file before, and there is none.
        (await user.RunAsync("setup", "aws", "--undo", "--yes")).ShouldSucceed();
        File.Exists(user.File(".aws/config")).ShouldBeFalse();

        Task<Ran> AwsAsync(params string[] arguments) => user.RunProgramAsync(
            "/usr/bin/aws",
            ["--profile", "agentkeys-vault", "--endpoint-url", site.Cloud.AbsoluteUri, .. arguments],
            ("AWS_EC2_METADATA_DISABLED", "true"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[default]\nregion = eu-west-1\n")]
    [InlineData("[default]\nregion = eu-west-1")]
    [InlineData("[default]\r\nregion=eu-west-1\r\n\r\n\r\n# ü \u00a0 \r\n")]
    [InlineData("\n\n[profile x]\n  s3 =\n    max_concurrent_requests = 2\n\n")]
    public async Task Every_other_byte_stays_and_undo_brings_the_file_back(string before)
    {
        using var user = await site.SignedInAsync();
        const UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
        var path = user.File("config of mine");
        user.Environment["AWS_CONFIG_FILE"] = path;
        byte[] bytes = [.. Encoding.UTF8.GetBytes(before)];
        await File.WriteAllBytesAsync(path, bytes);
        File.SetUnixFileMode(path, mode);

        (await user.RunAsync("setup", "aws", "--yes")).ShouldSucceed().Output.ShouldContain("is changed");
        var once = await File.ReadAllBytesAsync(path);
        once[..bytes.Length].ShouldBe(bytes);
        File.GetUnixFileMode(path).ShouldBe(mode);

        // Again: nothing to do. With other names: in the same place, also when more came behind it.
        (await user.RunAsync("setup", "aws", "--yes")).ShouldSucceed().Output.ShouldContain("needs no change");
        (await File.ReadAllBytesAsync(path)).ShouldBe(once);
        const string behind = "[profile later]\nregion = eu-west-3\n";
        await File.AppendAllTextAsync(path, behind);
        (await user.RunAsync("setup", "aws", "--profile-prefix", "mine", "--yes")).ShouldSucceed();
        var twice = await File.ReadAllTextAsync(path);
        twice.ShouldStartWith(before);
        twice.ShouldEndWith(behind);
        twice.ShouldContain("[profile mine-vault]");
        twice.ShouldNotContain("[profile agentkeys-vault]");

        (await user.RunAsync("setup", "aws", "--undo", "--yes")).ShouldSucceed();
        (await File.ReadAllBytesAsync(path)).ShouldBe([.. bytes, .. Encoding.UTF8.GetBytes(behind)]);
        File.GetUnixFileMode(path).ShouldBe(mode);
        (await user.RunAsync("setup", "aws", "--undo", "--yes")).ShouldSucceed().Output
            .ShouldContain("needs no change");
    }

    [Fact]
    public async Task Shows_the_change_as_diff_does_and_asks()
    {
        using var user = await site.SignedInAsync();
        Directory.CreateDirectory(user.File(".aws"));
        var path = user.File(".aws/config");
        await File.WriteAllTextAsync(path, "1\n2\n3\n4\n5\n");

        var no = await user.RunWithInputAsync("n\n", "setup", "aws", "--role", "vault");
        no.Code.ShouldBe(1);
        no.Error.ShouldContain("[y/N]");
        (await user.RunWithInputAsync("", "setup", "aws")).Code.ShouldBe(1);
        (await File.ReadAllTextAsync(path)).ShouldBe("1\n2\n3\n4\n5\n");

        var yes = (await user.RunWithInputAsync("y\n", "setup", "aws", "--role", "vault")).ShouldSucceed();
        var after = await File.ReadAllTextAsync(path);
        after.ShouldContain("agentkeys-vault");

        // What was shown is what `patch` makes of the old file.
        await File.WriteAllTextAsync(user.File("old"), "1\n2\n3\n4\n5\n");
        var shown = yes.Error[..yes.Error.IndexOf("Change ", StringComparison.Ordinal)];
        await File.WriteAllTextAsync(user.File("shown.diff"), shown);
        var git = await user.RunProgramAsync(
            "/usr/bin/git", ["apply", "-p0", "--unsafe-paths", "--directory=" + user.Home, "--stat", "shown.diff"]);
        git.ShouldSucceed().Output.ShouldContain("5 +++++");
        yes.Error.ShouldContain("@@ -3,3 +3,8 @@\n 3\n 4\n 5\n+# >>> brokerctl");

        var json = (await user.RunAsync("setup", "aws", "--undo", "--yes", "--json")).ShouldSucceed().Json;
        json.GetProperty("changed").GetBoolean().ShouldBeTrue();
        json.GetProperty("file").GetString().ShouldBe(path);
    }

    [Fact]
    public async Task A_link_stays_one_and_clashes_and_torn_markers_are_refused()
    {
        using var user = await site.SignedInAsync();
        Directory.CreateDirectory(user.File(".aws"));
        await File.WriteAllTextAsync(user.File("dotfile"), "[profile agentkeys-vault]\n");
        File.CreateSymbolicLink(user.File(".aws/config"), user.File("dotfile"));

        var clash = await user.RunAsync("setup", "aws", "--yes");
        clash.Code.ShouldBe(1);
        clash.Error.ShouldContain("--profile-prefix");
        (await user.RunAsync("setup", "aws", "--profile-prefix", "other", "--yes")).ShouldSucceed();
        File.ResolveLinkTarget(user.File(".aws/config"), returnFinalTarget: false).ShouldNotBeNull();
        var text = await File.ReadAllTextAsync(user.File("dotfile"));
        text.ShouldContain("[profile other-vault]");

        await File.WriteAllTextAsync(user.File("dotfile"), text.Replace("# <<<", "#", StringComparison.Ordinal));
        foreach (var more in (string[][])[["--undo"], []])
        {
            var torn = await user.RunAsync(["setup", "aws", "--profile-prefix", "other", "--yes", .. more]);
            torn.Code.ShouldBe(1);
            torn.Error.ShouldContain("by hand");
        }
    }

    [Fact]
    public async Task Container_variables_are_printed_for_a_shell()
    {
        using var user = await site.SignedInAsync();
        var omni = (await user.RunAsync("whoami", "--json")).Json.GetProperty("omni_account").GetString();
        var printed = (await user.RunAsync("setup", "aws", "--container", "--role", "vault")).ShouldSucceed().Output;
        await File.WriteAllTextAsync(user.File("variables"), printed);

        var listed = await user.RunProgramAsync(
            "/bin/sh",
            [
                "-c", ". ./variables; echo by variables >note; "
                    + "aws --endpoint-url \"$1\" s3 cp note \"$2\" && aws --endpoint-url \"$1\" s3 cp \"$2\" -",
                "sh", site.Cloud.AbsoluteUri, $"s3://{BrokerSite.VaultBucket}/bots/{omni}/variables.txt",
            ]);

        listed.ShouldSucceed().Output.ShouldContain("by variables");
        File.Exists(user.File(".aws/config")).ShouldBeFalse();
    }
}
