using System.Runtime.InteropServices;

namespace Broker.Ledger;

/// <summary>
/// Points SQLitePCL at the system's SQLite, which the distribution keeps patched, in place of one bundled with a
/// package. Everything that opens SQLite calls <see cref="EnsureLoaded"/> first.
/// </summary>
public static class SqliteLibrary
{
    private static readonly string[] Names = ["libsqlite3.so.0", "libsqlite3.so", "libsqlite3.dylib"];

    // A static field because the resolver may be set once per process: a second call throws.
    private static readonly bool Loaded = Load();

    /// <summary>Safe to call from any thread, any number of times.</summary>
    /// <exception cref="DllNotFoundException">The system has no SQLite library.</exception>
    public static void EnsureLoaded() => _ = Loaded;

    private static bool Load()
    {
        NativeLibrary.SetDllImportResolver(
            typeof(SQLitePCL.SQLite3Provider_e_sqlite3).Assembly,
            static (name, _, _) => name == "e_sqlite3" ? LoadSystemLibrary() : IntPtr.Zero);
        SQLitePCL.raw.SetProvider(new SQLitePCL.SQLite3Provider_e_sqlite3());
        return true;
    }

    private static IntPtr LoadSystemLibrary()
    {
        foreach (var name in Names)
        {
            if (NativeLibrary.TryLoad(name, out var library)) return library;
        }

        throw new DllNotFoundException($"SQLite is not installed: none of {string.Join(", ", Names)} could be loaded");
    }
}
