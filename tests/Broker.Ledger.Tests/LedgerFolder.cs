using Broker.Cryptography;
using Broker.Ledger.Writing;

namespace Broker.Ledger.Tests;

/// <summary>A folder with a ledger of its own on disk, and the key that signs it; gone after the test.</summary>
internal sealed class LedgerFolder : IDisposable
{
    public const string Origin = "broker.example/ledger";

    public LedgerFolder(string? parent = null)
    {
        Folder = Path.Combine(parent ?? Path.GetTempPath(), $"ledger-{Guid.NewGuid():n}");
        Directory.CreateDirectory(Folder);
    }

    public string Folder { get; }

    public string File => Path.Combine(Folder, "audit.sqlite");

    public Ed25519SigningKey Key { get; } = Ed25519SigningKey.Generate();

    public LedgerOptions Options => new() { Path = File, Origin = Origin, Kinds = Entries.Kinds };

    public ReleaseLedger Open() => ReleaseLedger.Open(Options, Key, TimeProvider.System);

    public ReleaseLedger Open(Func<LedgerOptions, LedgerOptions> change) =>
        ReleaseLedger.Open(change(Options), Key, TimeProvider.System);

    public void Dispose()
    {
        Key.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
