using System.Buffers;
using System.Text;
using Broker.Ledger.Merkle;
using SQLitePCL;

namespace Broker.Ledger.Sqlite.Connections;

/// <summary>A prepared statement: bind from 1, step, read columns from 0, reset.</summary>
internal sealed unsafe class SqliteStatement(SqliteDatabase database, sqlite3_stmt handle) : IDisposable
{
    // Valid until the statement is disposed of, as every call is.
    private readonly nint _statement = handle.DangerousGetHandle();
    private bool _disposed;

    public void Bind(int index, long value) =>
        database.Check(SqliteBinding.BindInteger(_statement, index, value));

    public void BindNull(int index) => database.Check(SqliteBinding.BindNull(_statement, index));

    /// <summary>
    /// Binds UTF-8 that SQLite reads where it is: it lies still until the statement is bound anew, or not run again.
    /// </summary>
    public void BindStill(int index, byte* utf8, int length) =>
        database.Check(SqliteBinding.BindText(_statement, index, utf8, length, SqliteBinding.Static));

    /// <summary>
    /// Binds a text, or NULL. Half surrogate pairs become U+FFFD, as in <see cref="CanonicalEntry"/>.
    /// </summary>
    public void Bind(int index, string? value)
    {
        if (value is null)
        {
            BindNull(index);
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
        var code = SqliteBinding.Step(_statement);
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

    /// <summary>The first row, or something else where there is none; ready for the next run.</summary>
    public T First<T>(Func<SqliteStatement, T> read, T otherwise)
    {
        try
        {
            return Step() ? read(this) : otherwise;
        }
        finally
        {
            Reset();
        }
    }

    /// <summary>All rows; ready for the next run.</summary>
    public List<T> All<T>(Func<SqliteStatement, T> read)
    {
        var rows = new List<T>();
        try
        {
            while (Step()) rows.Add(read(this));
            return rows;
        }
        finally
        {
            Reset();
        }
    }

    public void Reset() => _ = SqliteBinding.Reset(_statement);

    public long Integer(int column) => SqliteBinding.Integer(_statement, column);

    /// <summary>How many columns a row has.</summary>
    public int Columns => raw.sqlite3_column_count(handle);

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
        // A null pointer would be NULL, so an empty text has the address of something else.
        byte nothing = 0;
        fixed (byte* bytes = utf8)
        {
            database.Check(SqliteBinding.CopyText(
                _statement, index, utf8.IsEmpty ? &nothing : bytes, utf8.Length, SqliteBinding.Transient));
        }
    }
}
