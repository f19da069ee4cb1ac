using Broker.Cli.Terminal;
using Broker.Foundation;

namespace Broker.Cli.Setup;

/// <summary>The configuration file of AWS's clients: <c>AWS_CONFIG_FILE</c>, else <c>~/.aws/config</c>.</summary>
internal sealed class AwsConfigFile
{
    private const int Longest = 1 << 20;

    private readonly string _target;
    private readonly UnixFileMode _mode;

    private AwsConfigFile(string path, string target, byte[]? content, UnixFileMode mode)
    {
        (Path, _target, Content, _mode) = (path, target, content, mode);
    }

    public string Path { get; }

    /// <summary>Null where there is no file.</summary>
    public byte[]? Content { get; }

    /// <exception cref="CommandFailedException">It cannot be read.</exception>
    public static AwsConfigFile Open()
    {
        var path = PathOfUser();
        try
        {
            // A link, as keepers of dotfiles make them, stays one.
            var isLink = new FileInfo(path).LinkTarget is not null;
            var target = isLink ? File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName : path;
            if (!File.Exists(target)) return new AwsConfigFile(path, target, null, DurableFile.OwnerOnly);
            using var file = File.OpenRead(target);
            if (file.Length > Longest) throw new CommandFailedException($"{path} is too large for a configuration");
            var content = new byte[file.Length];
            file.ReadExactly(content);
            return new AwsConfigFile(path, target, content, File.GetUnixFileMode(file.SafeFileHandle));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException($"cannot read {path}: {fault.Message}", cause: fault);
        }
    }

    /// <summary>Replaces the content at once, and keeps the mode.</summary>
    /// <param name="content">Null takes the file away.</param>
    /// <exception cref="CommandFailedException">It cannot be written, or is another than was read.</exception>
    public void Write(byte[]? content)
    {
        try
        {
            if (!Now().AsSpan().SequenceEqual(Content))
                throw new CommandFailedException($"{Path} was changed meanwhile; try again");
            if (content is null)
            {
                File.Delete(_target);
                return;
            }

            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(_target)!, DurableFile.OwnerOnlyFolder);
            DurableFile.Replace(_target, content, _mode);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException($"cannot write {Path}: {fault.Message}", cause: fault);
        }
    }

    private byte[]? Now() => File.Exists(_target) ? File.ReadAllBytes(_target) : null;

    private static string PathOfUser()
    {
        if (Environment.GetEnvironmentVariable("AWS_CONFIG_FILE") is { Length: > 0 } given)
            return System.IO.Path.GetFullPath(given);
        return Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } home
            ? System.IO.Path.Combine(home, ".aws", "config")
            : throw new CommandFailedException("HOME is not set; set it, or AWS_CONFIG_FILE");
    }
}
