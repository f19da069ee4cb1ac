using System.Text;
using Broker.Foundation;

namespace Broker.Kms.Keys;

/// <summary>
/// The folder that holds everything a KMS is: the files of dstack, under dstack's names, so that a folder made by
/// either is served by the other.
/// </summary>
/// <remarks>
/// <list type="table">
/// <item><term>root-ca.key, tmp-ca.key, rpc.key</term><description>PKCS#8 PEM, 0600</description></item>
/// <item><term>root-k256.key</term><description>the 32 bytes of the secp256k1 scalar, 0600</description></item>
/// <item><term>root-ca.crt, tmp-ca.crt, rpc.crt</term><description>one PEM certificate each</description></item>
/// <item><term>rpc-domain</term><description>the server's name, no line end</description></item>
/// <item><term>bootstrap-info.json</term><description>after a bootstrap: public keys, attestation</description></item>
/// </list>
/// A new set appears whole or not at all: it is written to <c>.new</c> and flushed, made final by renaming that folder
/// to <c>.committed</c>, and then moved file by file, <c>bootstrap-info.json</c> last. <see cref="Recover"/> finishes
/// or discards what a crash interrupted. A file that exists is never overwritten by a new set. The folder has the mode
/// 0700, as <see cref="Close"/> sees to.
/// </remarks>
internal sealed class KeyDirectory
{
    public const string RootCaKey = "root-ca.key";
    public const string TempCaKey = "tmp-ca.key";
    public const string RpcKey = "rpc.key";
    public const string K256Key = "root-k256.key";
    public const string RootCaCertificate = "root-ca.crt";
    public const string TempCaCertificate = "tmp-ca.crt";
    public const string RpcCertificate = "rpc.crt";
    public const string RpcDomain = "rpc-domain";
    public const string BootstrapInfo = "bootstrap-info.json";

    private const UnixFileMode ForOthers =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private static readonly string[] Needed =
        [TempCaCertificate, TempCaKey, RootCaCertificate, RootCaKey, RpcCertificate, RpcKey, K256Key];

    private readonly string _path;

    public KeyDirectory(string path) => _path = Path.GetFullPath(path);

    private string Staging => Path.Combine(_path, ".new");

    private string Committed => Path.Combine(_path, ".committed");

    /// <summary>Whether every file that the main phase needs is there.</summary>
    public bool IsComplete => Needed.All(Has);

    /// <summary>Whether one of the two root secrets is there; then no new set may be made.</summary>
    public bool HasRootKey => Has(RootCaKey) || Has(K256Key);

    /// <summary>
    /// Takes from everybody but the owner what the folder and its key files allow them. A folder of dstack, or one that
    /// an operator made, is open by habit and not by wish.
    /// </summary>
    /// <returns>What had to be repaired.</returns>
    /// <exception cref="IOException">It cannot be repaired, so others stay able to read keys.</exception>
    /// <exception cref="UnauthorizedAccessException">It belongs to somebody else.</exception>
    public IReadOnlyList<string> Close()
    {
        if (!Directory.Exists(_path)) return [];
        var keys = Directory.GetFiles(_path, "*.key").Where(file => IsOpen(file));
        string[] open = [.. keys, .. IsOpen(_path) ? (string[])[_path] : []];
        foreach (var path in open) CloseToOthers(path);
        return open;
    }

    private static void CloseToOthers(string path)
    {
        try
        {
            File.SetUnixFileMode(path, File.GetUnixFileMode(path) & ~ForOthers);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{path} is open to others, and its mode cannot be changed", refused);
        }
    }

    public bool Has(string name) => File.Exists(PathOf(name));

    public string PathOf(string name) => Path.Combine(_path, name);

    public byte[] Read(string name) => File.ReadAllBytes(PathOf(name));

    public string ReadText(string name) => Encoding.UTF8.GetString(Read(name));

    /// <summary>Whether a new set could be written; leaves nothing behind.</summary>
    /// <exception cref="IOException">The folder can be neither used nor made.</exception>
    /// <exception cref="UnauthorizedAccessException">It is not ours to write.</exception>
    public void ProveWritable()
    {
        var missing = new Stack<string>();
        for (var name = _path; name is not null && !Directory.Exists(name); name = Path.GetDirectoryName(name))
            missing.Push(name);
        var proof = Path.Combine(_path, $".proof-{Guid.NewGuid():n}");
        try
        {
            Directory.CreateDirectory(proof, DurableFile.OwnerOnlyFolder);
        }
        finally
        {
            if (Directory.Exists(proof)) Directory.Delete(proof);
            foreach (var folder in missing.Reverse())
            {
                if (Directory.Exists(folder)) Directory.Delete(folder);
            }
        }
    }

    /// <summary>Finishes a set whose commit a crash interrupted, and discards one that never got so far.</summary>
    public void Recover()
    {
        if (Directory.Exists(Committed)) MoveCommitted();
        if (Directory.Exists(Staging)) Directory.Delete(Staging, recursive: true);
    }

    /// <summary>Stores a new set. On return it is on disk, complete.</summary>
    /// <param name="files">Name and content; secrets are those whose name ends in <c>.key</c>.</param>
    /// <exception cref="IOException">One of the files exists, or the disk refuses; nothing changed then.</exception>
    public void Store(IReadOnlyDictionary<string, byte[]> files)
    {
        foreach (var name in files.Keys)
        {
            if (Has(name)) throw new IOException($"{PathOf(name)} exists already");
        }

        Directory.CreateDirectory(_path, DurableFile.OwnerOnlyFolder);
        Close();
        if (Directory.Exists(Staging)) Directory.Delete(Staging, recursive: true);
        Directory.CreateDirectory(Staging, DurableFile.OwnerOnlyFolder);
        foreach (var (name, content) in files) DurableFile.Create(Path.Combine(Staging, name), content, ModeOf(name));
        DurableFile.FlushFolder(Staging);

        Directory.Move(Staging, Committed);
        DurableFile.FlushFolder(_path);
        MoveCommitted();
    }

    /// <summary>
    /// Puts a re-issued certificate in the place of the old one; a reader sees the old or the new, never a part.
    /// </summary>
    public void ReplaceCertificate(string name, string pem)
    {
        if (!name.EndsWith(".crt", StringComparison.Ordinal))
            throw new ArgumentException("not a certificate", nameof(name));
        DurableFile.Replace(PathOf(name), Encoding.ASCII.GetBytes(pem), ModeOf(name));
    }

    private void MoveCommitted()
    {
        var waiting = Directory.GetFiles(Committed).OrderBy(file => Path.GetFileName(file) == BootstrapInfo);
        foreach (var file in waiting) File.Move(file, PathOf(Path.GetFileName(file)), overwrite: false);
        DurableFile.FlushFolder(_path);
        Directory.Delete(Committed);
    }

    private static bool IsOpen(string path) => (File.GetUnixFileMode(path) & ForOthers) != 0;

    private static UnixFileMode ModeOf(string name) =>
        name.EndsWith(".key", StringComparison.Ordinal) ? DurableFile.OwnerOnly : DurableFile.ReadableByAll;
}
