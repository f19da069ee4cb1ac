namespace Broker.Foundation.Tests;

public sealed class DurableFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("broker-durable-").FullName;

    private string File => Path.Combine(_folder, "key.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Creates_a_file_that_only_its_owner_reads()
    {
        DurableFile.Create(File, "secret"u8);
        System.IO.File.ReadAllText(File).ShouldBe("secret");
        System.IO.File.GetUnixFileMode(File).ShouldBe(DurableFile.OwnerOnly);
    }

    [Fact]
    public void Never_creates_over_an_existing_file()
    {
        DurableFile.Create(File, "first"u8);
        Should.Throw<IOException>(() => DurableFile.Create(File, "second"u8)).Message.ShouldContain("exists already");
        System.IO.File.ReadAllText(File).ShouldBe("first");
    }

    [Fact]
    public void Replaces_content_and_mode()
    {
        DurableFile.Replace(File, "first"u8);
        DurableFile.Replace(File, "second"u8, DurableFile.ReadableByAll);
        System.IO.File.ReadAllText(File).ShouldBe("second");
        System.IO.File.GetUnixFileMode(File).ShouldBe(DurableFile.ReadableByAll);
    }

    [Fact]
    public void Leaves_nothing_behind_when_it_fails()
    {
        Directory.CreateDirectory(File);
        Should.Throw<IOException>(() => DurableFile.Replace(File, "x"u8));
        Should.Throw<IOException>(() => DurableFile.Create(File, "x"u8));
        Directory.GetFileSystemEntries(_folder).ShouldBe([File]);
    }
}
