using System.ComponentModel;
using System.Diagnostics;
using Broker.Attestation.Decoding;
using Broker.Attestation.VirtualMachine;

namespace Broker.Attestation.OsImage;

/// <summary>
/// Runs <c>dstack-acpi-tables</c>, a QEMU that prints the ACPI tables of the machine it is asked for instead of
/// starting it. Nothing of the caller's goes through a shell, and what comes out is bounded in size and in time. It
/// gets one variable of environment and none of ours, which may hold secrets. What it says on standard error is not
/// handed on.
/// </summary>
internal sealed class AcpiTablesProgram(string program)
{
    private const int MaxOutput = 4 * 1024 * 1024;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    /// <summary>
    /// The tables; null when there is no such program on this machine, which is no failure of its own.
    /// </summary>
    public async Task<Decoded<byte[]>?> RunAsync(OsImageFiles image, VmConfig config, CancellationToken stop)
    {
        var arguments = AcpiTablesArguments.For(image, config);
        if (!arguments.Succeeded) return arguments.RefusedAs<byte[]>();
        if (Locate(program) is not { } file) return null;
        var start = new ProcessStartInfo(file, arguments.Value.Arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = "/",
        };
        start.Environment.Clear();
        start.Environment["QEMU_ACPI_COMPAT_VER"] = arguments.Value.QemuVersion;
        try
        {
            using var process = Process.Start(start) ?? throw new InvalidOperationException("no process was started");
            return await ReadAsync(process, stop);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    /// <summary>The program's absolute path; null when it is not there, or is named by a relative path.</summary>
    internal static string? Locate(string program)
    {
        if (Path.IsPathFullyQualified(program)) return File.Exists(program) ? program : null;
        return Path.GetFileName(program) == program
            ? OsImageOptions.ProgramFolders.Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists)
            : null;
    }

    private static async Task<Decoded<byte[]>> ReadAsync(Process process, CancellationToken stop)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stop);
        timeout.CancelAfter(Timeout);
        try
        {
            process.StandardInput.Close();
            var ignored = process.StandardError.BaseStream.CopyToAsync(Stream.Null, timeout.Token);
            var tables = await ReadSomeAsync(process.StandardOutput.BaseStream, MaxOutput + 1, timeout.Token);
            if (tables.Length > MaxOutput) return Refused($"dstack-acpi-tables printed more than {MaxOutput} bytes");
            await ignored;
            await process.WaitForExitAsync(timeout.Token);
            return process.ExitCode == 0
                ? tables
                : Refused($"dstack-acpi-tables failed with exit code {process.ExitCode}");
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return Refused($"dstack-acpi-tables did not end within {Timeout}");
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>What comes until the end, or until the bound is full.</summary>
    private static async Task<byte[]> ReadSomeAsync(Stream stream, int bound, CancellationToken stop)
    {
        var buffer = new byte[bound];
        var length = await stream.ReadAtLeastAsync(buffer, bound, throwOnEndOfStream: false, stop);
        return buffer[..length];
    }

    private static Decoded<byte[]> Refused(string error) => Decoded<byte[]>.Refused(error);
}
