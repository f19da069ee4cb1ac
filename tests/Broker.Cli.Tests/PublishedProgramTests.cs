using Xunit.Abstractions;

namespace Broker.Cli.Tests;

/// <summary>What <c>dotnet publish src/Broker.Cli</c> makes, and which program the other tests of this project run.</summary>
public sealed class PublishedProgramTests(ITestOutputHelper output)
{
    private const long MaxSize = 25_000_000;

    [Fact]
    public void The_published_program_is_native_small_and_has_its_libraries_beside_it()
    {
        if (BrokerCtlProgram.Published is not { } program)
        {
            output.WriteLine($"brokerctl is tested as the managed build; {BrokerCtlProgram.Variable} names no other");
            File.Exists(Path.Combine(AppContext.BaseDirectory, "brokerctl.dll")).ShouldBeTrue();
            return;
        }

        output.WriteLine($"brokerctl is tested as {program}");
        var folder = Path.GetDirectoryName(program)!;
        using var file = File.OpenRead(program);
        var start = new byte[4];
        file.ReadExactly(start);

        start.ShouldBe([0x7f, (byte)'E', (byte)'L', (byte)'F']);
        file.Length.ShouldBeLessThan(MaxSize);
        Directory.GetFiles(folder).Select(Path.GetFileName).Order().ShouldBe(
            ["brokerctl", "libe_sqlite3.so", "libsecp256k1.so", "libsodium.so"], ignoreOrder: true);
    }
}
