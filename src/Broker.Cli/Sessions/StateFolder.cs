using System.Security.Cryptography;
using System.Text;
using Broker.Cli.Terminal;
using Broker.Foundation;

namespace Broker.Cli.Sessions;

/// <summary>
/// <c>$XDG_STATE_HOME/agentkeys</c>, <c>~/.local/state/agentkeys</c> where that is unset: what this program remembers
/// for its user, in files of mode 0600 in a folder of mode 0700.
/// </summary>
internal static class StateFolder
{
    private const int LongestFile = 1 << 20;

    public static string Path
    {
        get
        {
            // XDG Base Directory Specification: a path that is not absolute counts as unset.
            var state = Environment.GetEnvironmentVariable("XDG_STATE_HOME");
            if (string.IsNullOrEmpty(state) || !System.IO.Path.IsPathRooted(state))
            {
                state = System.IO.Path.Combine(
                    Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } home
                        ? home
                        : throw new CommandFailedException("HOME is not set; set it, or XDG_STATE_HOME"),
                    ".local", "state");
            }

            return System.IO.Path.Combine(state, "agentkeys");
        }
    }

    /// <summary>A name that no other broker's file has.</summary>
    public static string NameFor(Uri broker, string kind) =>
        $"{kind}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(broker.AbsoluteUri)))[..16]}";

    /// <exception cref="CommandFailedException">It cannot be written; the old content stays.</exception>
    public static void Write(string name, string content)
    {
        try
        {
            Directory.CreateDirectory(Path, DurableFile.OwnerOnlyFolder);
            DurableFile.Replace(System.IO.Path.Combine(Path, name), Encoding.UTF8.GetBytes(content));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException($"cannot write in {Path}: {fault.Message}", cause: fault);
        }
    }

    /// <summary>Null where there is no such file.</summary>
    /// <exception cref="CommandFailedException">It cannot be read, or is open to others.</exception>
    public static string? Read(string name)
    {
        var path = System.IO.Path.Combine(Path, name);
        try
        {
            using var file = File.OpenRead(path);
            if ((File.GetUnixFileMode(file.SafeFileHandle) & ~DurableFile.OwnerOnly) != UnixFileMode.None)
                throw new CommandFailedException($"{path} is open to others than its owner; run: chmod 600 {path}");
            if (file.Length > LongestFile) throw new CommandFailedException($"{path} is no file of brokerctl's");
            using var reader = new StreamReader(file, Encoding.UTF8);
            return reader.ReadToEnd();
        }
        catch (Exception none) when (none is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException($"cannot read {path}: {fault.Message}", cause: fault);
        }
    }

    public static void Delete(string name)
    {
        try
        {
            File.Delete(System.IO.Path.Combine(Path, name));
        }
        catch (DirectoryNotFoundException)
        {
            // Then there is no such file either.
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException($"cannot delete in {Path}: {fault.Message}", cause: fault);
        }
    }
}
