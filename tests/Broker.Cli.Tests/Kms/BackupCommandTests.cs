using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Broker.Cli.Kms;

namespace Broker.Cli.Tests.Kms;

public sealed class BackupCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("brokerctl-kms-").FullName;

    private string Certs => Path.Combine(_folder, "certs");

    private string Backup => Path.Combine(_folder, "backup.json");

    private string Restored => Path.Combine(_folder, "restored");

    public BackupCommandTests()
    {
        Directory.CreateDirectory(Certs);
        foreach (var name in new[] { "tmp-ca.crt", "root-ca.crt", "rpc.crt", "rpc-domain", "tmp-ca.key", "rpc.key" })
            File.WriteAllText(Path.Combine(Certs, name), $"content of {name}\n");
        using var root = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        File.WriteAllText(Path.Combine(Certs, "root-ca.key"), root.ExportPkcs8PrivateKeyPem());
        File.WriteAllBytes(Path.Combine(Certs, "root-k256.key"), RandomNumberGenerator.GetBytes(32));
        WriteSecret("passphrase", "correct horse battery\n");
    }

    [Fact]
    public async Task What_a_passphrase_sealed_it_opens()
    {
        await SucceedAsync("backup", "--cert-dir", Certs, "--out", Backup, "--passphrase-file", InFolder("passphrase"));
        await SucceedAsync(
            "restore", "--cert-dir", Restored, "--in", Backup, "--passphrase-file", InFolder("passphrase"));

        RestoredIsTheSame();
    }

    [Theory]
    [InlineData(1, 2, 3)]
    [InlineData(5, 3, 1)]
    public async Task What_shares_sealed_any_threshold_of_them_opens(int first, int second, int third)
    {
        await SucceedAsync(
            "backup", "--cert-dir", Certs, "--out", Backup, "--shares", "5", "--threshold", "3",
            "--shares-dir", InFolder("shares"));
        await SucceedAsync(
            "restore", "--cert-dir", Restored, "--in", Backup, "--share", Share(first), Share(second), Share(third));

        RestoredIsTheSame();
    }

    /// <summary>With shares there is no passphrase to harden: the file may leave both members out.</summary>
    [Fact]
    public async Task What_shares_sealed_opens_without_iterations_and_salt()
    {
        await SucceedAsync(
            "backup", "--cert-dir", Certs, "--out", Backup, "--shares", "3", "--threshold", "2",
            "--shares-dir", InFolder("shares"));
        var json = JsonNode.Parse(File.ReadAllText(Backup))!.AsObject();
        json.Remove("iterations");
        json.Remove("salt");
        File.WriteAllText(Backup, json.ToJsonString());

        await SucceedAsync("restore", "--cert-dir", Restored, "--in", Backup, "--share", Share(1), Share(3));

        RestoredIsTheSame();
    }

    [Fact]
    public async Task Too_few_shares_open_nothing()
    {
        await SucceedAsync(
            "backup", "--cert-dir", Certs, "--out", Backup, "--shares", "5", "--threshold", "3",
            "--shares-dir", InFolder("shares"));

        (await FailAsync(1, "restore", "--cert-dir", Restored, "--in", Backup, "--share", Share(1), Share(2)))
            .ShouldContain("does not open");
        Directory.Exists(Restored).ShouldBeFalse();
    }

    [Fact]
    public async Task A_passphrase_that_others_can_read_is_refused()
    {
        File.SetUnixFileMode(
            InFolder("passphrase"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);

        var secret = InFolder("passphrase");
        (await FailAsync(2, "backup", "--cert-dir", Certs, "--out", Backup, "--passphrase-file", secret))
            .ShouldContain("others can read");
        File.Exists(Backup).ShouldBeFalse();
    }

    [Fact]
    public async Task Another_passphrase_opens_nothing()
    {
        WriteSecret("other", "incorrect horse battery");
        await SucceedAsync("backup", "--cert-dir", Certs, "--out", Backup, "--passphrase-file", InFolder("passphrase"));

        (await FailAsync(1, "restore", "--cert-dir", Restored, "--in", Backup, "--passphrase-file", InFolder("other")))
            .ShouldContain("does not open");
    }

    [Theory]
    [InlineData("made_at", "2020-01-01T00:00:00Z")]
    [InlineData("ca_pubkey", "00")]
    [InlineData("nonce", "000000000000000000000000")]
    public async Task A_changed_member_keeps_the_backup_shut(string member, string value)
    {
        await SucceedAsync("backup", "--cert-dir", Certs, "--out", Backup, "--passphrase-file", InFolder("passphrase"));
        var json = JsonNode.Parse(File.ReadAllText(Backup))!;
        json[member] = value;
        File.WriteAllText(Backup, json.ToJsonString());

        await FailAsync(
            1, "restore", "--cert-dir", Restored, "--in", Backup, "--passphrase-file", InFolder("passphrase"));

        Directory.Exists(Restored).ShouldBeFalse();
    }

    [Fact]
    public async Task A_backup_with_a_name_twice_is_none()
    {
        await SucceedAsync("backup", "--cert-dir", Certs, "--out", Backup, "--passphrase-file", InFolder("passphrase"));
        var json = File.ReadAllText(Backup);
        File.WriteAllText(Backup, json.Replace("{", "{\"kdf\":\"shares\",", StringComparison.Ordinal));

        (await FailAsync(
            1, "restore", "--cert-dir", Restored, "--in", Backup, "--passphrase-file", InFolder("passphrase")))
            .ShouldContain("is not a backup");

        Directory.Exists(Restored).ShouldBeFalse();
    }

    [Fact]
    public async Task Keys_that_are_there_are_never_overwritten()
    {
        await SucceedAsync("backup", "--cert-dir", Certs, "--out", Backup, "--passphrase-file", InFolder("passphrase"));
        var before = File.ReadAllText(Path.Combine(Certs, "root-ca.key"));

        (await FailAsync(
            1, "restore", "--cert-dir", Certs, "--in", Backup, "--passphrase-file", InFolder("passphrase")))
            .ShouldContain("never overwritten");
        await FailAsync(1, "backup", "--cert-dir", Certs, "--out", Backup, "--passphrase-file", InFolder("passphrase"));

        File.ReadAllText(Path.Combine(Certs, "root-ca.key")).ShouldBe(before);
    }

    [Fact]
    public async Task The_backup_shows_no_secret_and_only_its_owner_may_read_it()
    {
        await SucceedAsync("backup", "--cert-dir", Certs, "--out", Backup, "--passphrase-file", InFolder("passphrase"));

        var text = File.ReadAllText(Backup);
        text.ShouldNotContain("PRIVATE");
        text.ShouldContain("\"iterations\": 600000");
        if (!OperatingSystem.IsWindows())
            File.GetUnixFileMode(Backup).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public async Task Misuse_is_named()
    {
        WriteSecret("short", "short");

        (await FailAsync(2, "backup", "--cert-dir", Certs, "--out", Backup))
            .ShouldContain("--passphrase-file, or --shares");
        (await FailAsync(2, "backup", "--cert-dir", Certs, "--out", Backup, "--shares", "2", "--threshold", "3"))
            .ShouldContain("2 <= K <= N");
        (await FailAsync(2, "backup", "--cert-dir", Certs, "--out", Backup, "--passphrase-file", InFolder("short")))
            .ShouldContain("at least 12");
        (await FailAsync(
            1, "backup", "--cert-dir", _folder, "--out", Backup, "--passphrase-file", InFolder("passphrase")))
            .ShouldContain("not a complete key folder");
        File.Exists(Backup).ShouldBeFalse();
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string InFolder(string name) => Path.Combine(_folder, name);

    private string Share(int index) => Path.Combine(_folder, "shares", $"share-{index}.txt");

    private void RestoredIsTheSame()
    {
        Directory.GetFiles(Restored).Length.ShouldBe(Directory.GetFiles(Certs).Length);
        foreach (var file in Directory.GetFiles(Certs))
            File.ReadAllBytes(Path.Combine(Restored, Path.GetFileName(file))).ShouldBe(File.ReadAllBytes(file));
    }

    private static async Task SucceedAsync(params string[] arguments)
    {
        var (exitCode, _, error) = await KmsCommandLine.RunAsync(arguments);
        exitCode.ShouldBe(0, error);
    }

    private void WriteSecret(string name, string text)
    {
        File.WriteAllText(InFolder(name), text);
        File.SetUnixFileMode(InFolder(name), UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    private static async Task<string> FailAsync(int expected, params string[] arguments)
    {
        var (exitCode, _, error) = await KmsCommandLine.RunAsync(arguments);
        exitCode.ShouldBe(expected, error);
        return error;
    }
}

/// <summary>Runs <c>brokerctl kms</c> as the shell would.</summary>
internal static class KmsCommandLine
{
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var exitCode = await BrokerCtlProgram.RunAsync([KmsCommands.Create()], ["kms", .. arguments], output, error);
        return (exitCode, output.ToString(), error.ToString());
    }
}
