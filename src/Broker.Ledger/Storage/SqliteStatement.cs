using System.Buffers;
using System.Text;
using Broker.Ledger.Merkle;
using SQLitePCL;

namespace Broker.Ledger.Storage;

/// <summary>A prepared statement: bind from 1, step, read columns from 0, reset.</summary>
internal sealed class SqliteStatement(SqliteDatabase database, sqlite3_stmt handle) : IDisposable
{
    private bool _disposed;

    public void Bind(int index, long value) => database.Check(raw.sqlite3_bind_int64(handle, index, value));

    /// <summary>
    /// Binds a text, or NULL. Half surrogate pairs become U+FFFD, as in <see cref="CanonicalEntry"/>.
    /// </summary>
    public void Bind(int index, string? value)
    {
        if (value is null)
        {
            database.Check(raw.sqlite3_bind_null(handle, index));
            return;
        }

        byte[]? pooled = null;
        var most = Encoding.UTF8.GetMaxByteCount(value.Length);
        var buffer = most <= 1024 ? stackalloc byte[1024] : pooled = ArrayPool<byte>.Shared.Rent(most);
        BindUtf8(index, buffer[..Encoding.UTF8.GetBytes(value, buffer)]);
        if (pooled is not null) ArrayPool<byte>.Shared.Return(pooled);
    }

    /// <summary>Binds a hash as 64 lower-case hex digits.</summary>
    public void BindHex(int index, in MerkleHash hash)
    {
        Span<byte> hex = stackalloc byte[2 * MerkleHash.Size];
        hash.WriteHex(hex);
        BindUtf8(index, hex);
    }

    public void BindBlob(int index, ReadOnlySpan<byte> value) =>
        database.Check(raw.sqlite3_bind_blob(handle, index, value));

    /// <summary>True when there is a row to read.</summary>
    public bool Step()
    {
        var code = raw.sqlite3_step(handle);
        if (code == raw.SQLITE_ROW) return true;
        if (code == raw.SQLITE_DONE) return false;
        database.Check(code);
        throw new SqliteFailure(code, "unexpected answer");
    }

    /// <summary>
    /// Runs a statement that answers no row, and makes it ready for the next run, whatever came of this one.
    /// </summary>
    public void Run()
    {
        try
        {
            Step();
        }
        finally
        {
            Reset();
        }
    }

    public void Reset() => _ = raw.sqlite3_reset(handle);

    public long Integer(int column) => raw.sqlite3_column_int64(handle, column);

    public bool IsNull(int column) => raw.sqlite3_column_type(handle, column) == raw.SQLITE_NULL;

    /// <summary>The column's bytes; valid until the next step or reset. SQLite hands a text out as its UTF-8.</summary>
    public ReadOnlySpan<byte> Blob(int column) => raw.sqlite3_column_blob(handle, column);

    public string Text(int column) => Encoding.UTF8.GetString(Blob(column));

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        database.Forget(this);
        _ = raw.sqlite3_finalize(handle);
    }

    private void BindUtf8(int index, ReadOnlySpan<byte> utf8)
    {
        // An empty span is a null pointer to SQLite, which would store NULL for it.
        database.Check(utf8.IsEmpty
            ? raw.sqlite3_bind_text(handle, index, "")
            : raw.sqlite3_bind_text(handle, index, utf8));
    }
}
