using System.Security.Cryptography;
using Broker.Cli.Terminal;

namespace Broker.Cli.Kms;

/// <summary>The files of a KMS key folder, as dstack names them, for copying in and out.</summary>
internal static class KeyFolder
{
    private const string RootCaKey = "root-ca.key";

    private static readonly string[] Needed =
        ["root-ca.key", "root-ca.crt", "tmp-ca.key", "tmp-ca.crt", "rpc.key", "rpc.crt", "root-k256.key"];

    private static readonly string[] Optional = ["rpc-domain", "bootstrap-info.json"];

    /// <summary>Every file of a complete folder.</summary>
    /// <exception cref="CommandFailedException">A file is missing or cannot be read.</exception>
    public static Dictionary<string, byte[]> Read(string folder)
    {
        try
        {
            var present = Needed.Concat(Optional.Where(name => File.Exists(Path.Combine(folder, name))));
            return present.ToDictionary(name => name, name => File.ReadAllBytes(Path.Combine(folder, name)));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException($"{folder} is not a complete key folder: {fault.Message}", cause: fault);
        }
    }

    /// <summary>The root CA's public key, in hex.</summary>
    public static string CaPublicKey(Dictionary<string, byte[]> files)
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(System.Text.Encoding.ASCII.GetString(files[RootCaKey]));
        return Convert.ToHexStringLower(key.ExportSubjectPublicKeyInfo());
    }

    /// <summary>Writes a folder that is not there yet: a crash leaves none, or all of it.</summary>
    /// <exception cref="CommandFailedException">
    /// The folder holds something, or a name is not one of a key folder.
    /// </exception>
    public static void Write(string folder, Dictionary<string, byte[]> files)
    {
        if (files.Keys.FirstOrDefault(name => !Needed.Contains(name) && !Optional.Contains(name)) is { } foreign)
            throw new CommandFailedException($"the backup holds {foreign}, which is not a file of a key folder");
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw new CommandFailedException($"{folder} is not empty; keys are never overwritten");

        var staging = folder.TrimEnd('/') + ".restoring";
        try
        {
            if (Directory.Exists(staging)) Directory.Delete(staging, recursive: true);
            CreatePrivateFolder(staging);
            foreach (var (name, content) in files) WriteFile(Path.Combine(staging, name), content);
            if (Directory.Exists(folder)) Directory.Delete(folder);
            Directory.Move(staging, folder);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException($"cannot restore to {folder}: {fault.Message}", cause: fault);
        }
    }

    private static void CreatePrivateFolder(string path)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static void WriteFile(string path, byte[] content)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new FileStream(path, options);
        file.Write(content);
        file.Flush(flushToDisk: true);
    }
}
