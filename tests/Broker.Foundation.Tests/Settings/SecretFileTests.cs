using Broker.Foundation.Settings;

namespace Broker.Foundation.Tests.Settings;

/// <summary>One rule for every file that holds a secret.</summary>
public sealed class SecretFileTests : IDisposable
{
    private const UnixFileMode OwnerOnly = DurableFile.OwnerOnly;

    private readonly string _folder = Directory.CreateTempSubdirectory("broker-secret-").FullName;
    private readonly string? _credentials = Environment.GetEnvironmentVariable("CREDENTIALS_DIRECTORY");

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("CREDENTIALS_DIRECTORY", _credentials);
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Gives_the_text_without_white_space_around_it() =>
        SecretFile.ReadText(Write(" tøken \n"), 100).ShouldBe("tøken");

    [Theory]
    [InlineData(OwnerOnly | UnixFileMode.GroupRead)]
    [InlineData(OwnerOnly | UnixFileMode.GroupWrite)]
    [InlineData(OwnerOnly | UnixFileMode.OtherRead)]
    [InlineData(OwnerOnly | UnixFileMode.OtherWrite)]
    public void Refuses_a_file_that_others_may_read_or_write_and_says_how_to_mend_it(UnixFileMode mode)
    {
        var path = Write("secret", mode);

        Refusal(path).ShouldBe($"may be read or written by others; run: chmod 600 {path}");
    }

    [Fact]
    public void Takes_a_credential_of_systemd_whose_access_list_shows_as_the_groups_bits()
    {
        var path = Write("secret", UnixFileMode.UserRead | UnixFileMode.GroupRead);
        Environment.SetEnvironmentVariable("CREDENTIALS_DIRECTORY", _folder);
        SecretFile.ReadText(path, 100).ShouldBe("secret");

        File.SetUnixFileMode(path, OwnerOnly | UnixFileMode.OtherRead);
        Refusal(path).ShouldStartWith("may be read or written by others");
    }

    [Fact]
    public void Reads_up_to_the_bound_and_refuses_more()
    {
        SecretFile.ReadText(Write(new string('s', 100)), 100).Length.ShouldBe(100);
        Refusal(Write(new string('s', 101))).ShouldBe("is larger than 100 bytes");
    }

    [Fact]
    public void A_file_that_tells_no_length_is_bounded_too()
    {
        SecretFile.ReadBytes("/proc/self/environ", 1 << 20).ShouldNotBeEmpty();
        Should.Throw<FormatException>(() => SecretFile.ReadBytes("/proc/self/environ", 1)).Message
            .ShouldBe("is larger than 1 bytes");
    }

    [Theory]
    [InlineData("/no/such/file")]
    [InlineData("/etc")]
    [InlineData("/etc/passwd/x")]
    public void What_cannot_be_read_is_refused(string path) =>
        Refusal(path).ShouldStartWith("must name a readable file: ");

    private static string Refusal(string path) =>
        Should.Throw<FormatException>(() => SecretFile.ReadText(path, 100)).Message;

    private string Write(string content, UnixFileMode mode = OwnerOnly)
    {
        var path = Path.Combine(_folder, $"{Guid.NewGuid():n}");
        File.WriteAllText(path, content);
        File.SetUnixFileMode(path, mode);
        return path;
    }
}
