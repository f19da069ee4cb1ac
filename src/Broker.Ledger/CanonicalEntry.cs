using System.Buffers;
using System.Globalization;
using System.Text;
using Broker.Ledger.Merkle;

namespace Broker.Ledger;

/// <summary>
/// The canonical bytes of an entry: what the tree hashes, what a receipt is a receipt for.
/// </summary>
/// <remarks>
/// <para>
/// They are one JSON object in the form of RFC 8785 (JCS): UTF-8 without BOM, no white space, members sorted by name,
/// all columns of the row except <c>leaf_hash</c>, and <c>v</c>, the version of this format, now 1.
/// </para>
/// <list type="bullet">
/// <item>Members, in this order: <c>access_key_id, actor_omni, evidence, expires_at, id, kind, minted_at, outcome,
/// outcome_detail, record_id, request_hash, request_id, requested_role, requester_token, requester_wallet,
/// session_duration_seconds, sts_session_name, subject, v</c>.</item>
/// <item><c>expires_at, id, minted_at, session_duration_seconds, v</c> are integers within ±(2⁵³ − 1), written
/// without fraction or exponent. <c>id</c> is the row's id: the leaf's index plus one.</item>
/// <item><c>outcome_detail</c> is a string or <c>null</c>. Every other member is a string, empty where it does not
/// apply; <c>evidence</c> is a string too, whose content is JSON.</item>
/// <item>In strings <c>"</c> and <c>\</c> are escaped with a backslash, U+0008, U+0009, U+000A, U+000C, U+000D as
/// <c>\b \t \n \f \r</c>, other characters below U+0020 as <c>\u00xx</c> in lower-case hex; everything else stands as
/// it is in UTF-8. Half a surrogate pair cannot be written in UTF-8: row and bytes hold U+FFFD in its place.</item>
/// </list>
/// <para>
/// So <c>json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False)</c> in Python gives the same
/// bytes, with <c>row["v"] = 1</c> added. The leaf is SHA-256(0x00 ‖ bytes), RFC 6962 §2.1.
/// </para>
/// </remarks>
/// <example>
/// The first entry of a ledger (one line; broken here for reading), leaf hash
/// <c>e72f1489335f0abd3937a80488e7404b63703dd1e072313ae287f8753d3a864e</c>:
/// <code>
/// {"access_key_id":"","actor_omni":"","evidence":"","expires_at":0,"id":1,"kind":"oidc_token",
/// "minted_at":1763700000,"outcome":"auth_failed","outcome_detail":"the token \"expired\"",
/// "record_id":"aud_1763700000_00112233445566ff","request_hash":"","request_id":"req-1",
/// "requested_role":"oidc_jwt","requester_token":"","requester_wallet":"unknown",
/// "session_duration_seconds":0,"sts_session_name":"(unauthenticated)","subject":"","v":1}
/// </code>
/// </example>
public sealed class CanonicalEntry
{
    /// <summary>
    /// The most bytes an entry may take: what the length prefix of an entry bundle can say (C2SP tlog-tiles).
    /// </summary>
    public const int MaxLength = ushort.MaxValue;

    /// <summary>The largest integer that every JSON reader keeps exactly (RFC 7493 §2.2).</summary>
    public const long MaxInteger = (1L << 53) - 1;

    private static readonly SearchValues<char> Escaped = SearchValues.Create(
        "\"\\\0\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\u000b\f\r\u000e\u000f\u0010\u0011\u0012\u0013\u0014" +
        "\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f");

    // Of this many bytes and less, a thread keeps its buffer for the next entry.
    private const int UsualBuffer = 16 * 1024;

    [ThreadStatic]
    private static CanonicalEntry? t_writer;

    // Begins with the leaf prefix, so that hashing needs no copy.
    private byte[] _buffer = new byte[2048];
    private int _length;
    private EncodedEntry.Slices _texts;
    private int _textsWritten;

    /// <summary>The bytes of the entry written last; valid until the next <see cref="Write"/>.</summary>
    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(1, _length - 1);

    /// <summary>The leaf hash of the entry written last.</summary>
    public MerkleHash LeafHash => TreeHasher.LeafOfPrefixed(_buffer.AsSpan(0, _length));

    /// <summary>The bytes of one entry, in an array of their own.</summary>
    public static byte[] ToArray(LedgerColumns entry, long id)
    {
        var writer = new CanonicalEntry();
        writer.Write(entry, id);
        return writer.Bytes.ToArray();
    }

    /// <summary>Writes an entry in place of the one before; allocates only when the buffer has to grow.</summary>
    public void Write(LedgerColumns entry, long id)
    {
        WriteUpToId(entry);
        Integer(id);
        WriteBehindId(entry);
    }

    /// <summary>The entry without its id, see <see cref="EncodedEntry"/>.</summary>
    internal static EncodedEntry Encode(LedgerColumns entry)
    {
        var writer = t_writer ??= new CanonicalEntry();
        writer.WriteUpToId(entry);
        var idAt = writer._length;
        writer.WriteBehindId(entry);
        var end = writer._length;
        if (end - 1 + 16 > MaxLength)
            throw new ArgumentException($"internal error: a ledger entry takes more than {MaxLength} bytes");
        writer.WriteEscapedTexts(entry);
        var encoded = new EncodedEntry(
            entry, writer._buffer.AsSpan(0, writer._length).ToArray(), idAt, end, writer._texts);
        if (writer._buffer.Length > UsualBuffer) t_writer = null;
        return encoded;
    }

    private void WriteUpToId(LedgerColumns entry)
    {
        _buffer[0] = TreeHasher.LeafPrefix;
        _length = 1;
        _textsWritten = 0;
        Text("{\"access_key_id\":"u8, entry.AccessKeyId);
        Text(",\"actor_omni\":"u8, entry.ActorOmni);
        Text(",\"evidence\":"u8, entry.Evidence);
        Integer(",\"expires_at\":"u8, entry.ExpiresAt);
        Append(",\"id\":"u8);
    }

    private void WriteBehindId(LedgerColumns entry)
    {
        Text(",\"kind\":"u8, entry.Kind);
        Integer(",\"minted_at\":"u8, entry.MintedAt);
        Text(",\"outcome\":"u8, entry.Outcome);
        Text(",\"outcome_detail\":"u8, entry.OutcomeDetail);
        Text(",\"record_id\":"u8, entry.RecordId);
        Text(",\"request_hash\":"u8, entry.RequestHash);
        Text(",\"request_id\":"u8, entry.RequestId);
        Text(",\"requested_role\":"u8, entry.RequestedRole);
        Text(",\"requester_token\":"u8, entry.RequesterToken);
        Text(",\"requester_wallet\":"u8, entry.RequesterWallet);
        Integer(",\"session_duration_seconds\":"u8, entry.SessionDurationSeconds);
        Text(",\"sts_session_name\":"u8, entry.StsSessionName);
        Text(",\"subject\":"u8, entry.Subject);
        Append(",\"v\":1}"u8);
    }

    // A text without escapes is read where it stands; of the others a copy follows.
    private void WriteEscapedTexts(LedgerColumns entry)
    {
        for (var text = 0; text < _textsWritten; text++)
        {
            if (_texts[text].Start >= 0) continue;
            var value = TextOf(entry, (EntryText)text);
            Reserve(Encoding.UTF8.GetMaxByteCount(value.Length));
            var written = Encoding.UTF8.GetBytes(value, _buffer.AsSpan(_length));
            _texts[text] = new EncodedEntry.Slice(_length, written);
            _length += written;
        }
    }

    private static string TextOf(LedgerColumns entry, EntryText text) => text switch
    {
        EntryText.AccessKeyId => entry.AccessKeyId,
        EntryText.ActorOmni => entry.ActorOmni,
        EntryText.Evidence => entry.Evidence,
        EntryText.Kind => entry.Kind,
        EntryText.Outcome => entry.Outcome,
        EntryText.OutcomeDetail => entry.OutcomeDetail ?? "",
        EntryText.RecordId => entry.RecordId,
        EntryText.RequestHash => entry.RequestHash,
        EntryText.RequestId => entry.RequestId,
        EntryText.RequestedRole => entry.RequestedRole,
        EntryText.RequesterToken => entry.RequesterToken,
        EntryText.RequesterWallet => entry.RequesterWallet,
        EntryText.StsSessionName => entry.StsSessionName,
        _ => entry.Subject,
    };

    private void Integer(ReadOnlySpan<byte> name, long value)
    {
        Append(name);
        Integer(value);
    }

    private void Integer(long value)
    {
        Reserve(20);
        value.TryFormat(_buffer.AsSpan(_length), out var written, provider: CultureInfo.InvariantCulture);
        _length += written;
    }

    private void Text(ReadOnlySpan<byte> name, string? value)
    {
        Append(name);
        if (value is null)
        {
            Append("null"u8);
            _texts[_textsWritten++] = default;
            return;
        }

        // A character takes at most six bytes, as an escape; in UTF-8 at most three.
        Reserve(value.Length * 6 + 2);
        _buffer[_length++] = (byte)'"';
        var start = _length;
        var rest = value.AsSpan();
        for (var special = rest.IndexOfAny(Escaped); special >= 0; special = rest.IndexOfAny(Escaped))
        {
            _length += Encoding.UTF8.GetBytes(rest[..special], _buffer.AsSpan(_length));
            Escape(rest[special]);
            rest = rest[(special + 1)..];
        }

        _length += Encoding.UTF8.GetBytes(rest, _buffer.AsSpan(_length));
        var isEscaped = rest.Length < value.Length;
        _texts[_textsWritten++] = new EncodedEntry.Slice(isEscaped ? -1 : start, _length - start);
        _buffer[_length++] = (byte)'"';
    }

    private void Escape(char c)
    {
        var letter = c switch
        {
            '"' or '\\' => c,
            '\b' => 'b',
            '\t' => 't',
            '\n' => 'n',
            '\f' => 'f',
            '\r' => 'r',
            _ => 'u',
        };
        _buffer[_length++] = (byte)'\\';
        _buffer[_length++] = (byte)letter;
        if (letter != 'u') return;
        ((int)c).TryFormat(_buffer.AsSpan(_length), out var written, "x4", CultureInfo.InvariantCulture);
        _length += written;
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_buffer.AsSpan(_length));
        _length += bytes.Length;
    }

    private void Reserve(int more)
    {
        if (_buffer.Length - _length < more) Array.Resize(ref _buffer, Math.Max(2 * _buffer.Length, _length + more));
    }
}
