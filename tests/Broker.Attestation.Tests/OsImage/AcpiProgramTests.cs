using Broker.Attestation.Decoding;
using Broker.Attestation.OsImage;
using Broker.Attestation.VirtualMachine;

namespace Broker.Attestation.Tests.OsImage;

/// <summary>Which program makes ACPI tables, and what it learns of us: a real child process.</summary>
public sealed class AcpiProgramTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("acpi-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_bare_name_is_looked_for_in_fixed_folders()
    {
        AcpiTablesProgram.Locate("sh").ShouldBe("/usr/bin/sh");
        AcpiTablesProgram.Locate("/bin/sh").ShouldBe("/bin/sh");
        AcpiTablesProgram.Locate("not-installed").ShouldBeNull();
        AcpiTablesProgram.Locate("/usr/bin/not-installed").ShouldBeNull();
        OsImageOptions.ProgramFolders.ShouldAllBe(folder => Path.IsPathFullyQualified(folder));
    }

    [Fact]
    public void Neither_the_working_directory_nor_a_relative_path_is_asked()
    {
        var name = $"acpi-{Guid.NewGuid():n}";
        var planted = Path.Combine(Directory.GetCurrentDirectory(), name);
        File.WriteAllText(planted, "#!/bin/sh\n");
        try
        {
            var folder = Path.GetFileName(Path.GetDirectoryName(planted));
            foreach (var given in (string[])[name, $"./{name}", $"../{folder}/{name}", ""])
                AcpiTablesProgram.Locate(given).ShouldBeNull(given);
        }
        finally
        {
            File.Delete(planted);
        }
    }

    [Fact]
    public async Task The_program_gets_one_variable_and_runs_in_the_root_folder()
    {
        Environment.SetEnvironmentVariable("BROKER_TEST_SECRET", "must not be seen");
        var program = Script("cat /proc/$$/environ; pwd");

        var printed = await RunAsync(program);

        System.Text.Encoding.ASCII.GetString(printed.Value.ShouldNotBeNull())
            .ShouldBe("QEMU_ACPI_COMPAT_VER=9.1.0\0/\n");
    }

    [Fact]
    public async Task What_it_says_on_standard_error_is_read_to_its_end_and_dropped()
    {
        var program = Script("head -c 1000000 /dev/zero >&2; echo secret >&2; exit 7");

        (await RunAsync(program)).Error.ShouldBe("dstack-acpi-tables failed with exit code 7");
    }

    [Fact]
    public async Task More_than_the_tables_can_have_is_refused()
    {
        var program = Script("head -c 5000000 /dev/zero");

        (await RunAsync(program)).Error.ShouldBe("dstack-acpi-tables printed more than 4194304 bytes");
    }

    private static async Task<Decoded<byte[]>> RunAsync(string program)
    {
        var image = new OsImageFiles
        {
            CommandLine = "",
            FirmwarePath = "fw",
            KernelPath = "k",
            Firmware = [],
            Kernel = [],
            InitrdLength = 0,
            InitrdSha384 = [],
        };
        var config = VmConfig.Parse("{\"cpu_count\":1,\"memory_size\":1073741824}").Value.ShouldNotBeNull();
        return (await new AcpiTablesProgram(program).RunAsync(image, config, CancellationToken.None)).ShouldNotBeNull();
    }

    private string Script(string body)
    {
        var path = Path.Combine(_folder, "program");
        File.WriteAllText(path, $"#!/bin/sh\n{body}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return path;
    }
}
