using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Broker.Attestation.Decoding;
using Broker.Attestation.Evidence;

namespace Broker.Attestation.Issuers;

/// <summary>
/// What an OIDC issuer has the quote of its machine vouch for: who it is, its keys, its ledger's key, and when. The
/// quote's report data is SHA-512(<c>oidc-issuer:</c> ‖ content), see <see cref="ReportDataBinding"/>. The content,
/// with big-endian integers:
/// <code>
/// u8   01                 version
/// u32  n, n bytes         issuer URL, UTF-8
/// u64                     when it was made, Unix seconds
/// u32  n, n bytes         nonce of whoever asked, 16 to 64 bytes; none where nobody did
/// u32  count              of keys, and for each, ascending by their bytes and none twice:
///      u32  32, 32 bytes  the key's JWK thumbprint with SHA-256 (RFC 7638)
/// u32  n, n bytes         the verifier key of the ledger's checkpoints (C2SP vkey), UTF-8
/// </code>
/// <example>
/// Issuer <c>https://broker.example</c>, made at 1780000000, nonce 16 bytes 00 to 0f, one key of 32 bytes aa, ledger
/// key <c>broker.example/ledger+00000000+AQ==</c>: the content has 134 bytes and the report data
/// begins with <c>fb14d3f9fba38910</c>; <c>IssuerStatementTests</c> has all of it.
/// </example>
/// </summary>
public sealed record IssuerStatement
{
    /// <summary>The tag of <see cref="ReportDataBinding"/>.</summary>
    public const string Tag = "oidc-issuer";

    /// <summary>The fewest bytes of a nonce: nobody guesses it or meets it twice.</summary>
    public const int ShortestNonce = 16;

    /// <summary>The most bytes of a nonce.</summary>
    public const int LongestNonce = 64;

    /// <summary>More keys than any JWKS here has.</summary>
    public const int MostKeys = 256;

    private const byte Version = 1;
    private const int LongestText = 2048;

    private IssuerStatement(
        string issuer, DateTimeOffset madeAt, ReadOnlyMemory<byte> nonce, IReadOnlyList<string> keys, string ledgerKey)
        => (Issuer, MadeAt, Nonce, Keys, LedgerKey) = (issuer, madeAt, nonce, keys, ledgerKey);

    /// <summary>The issuer URL, byte for byte as in tokens.</summary>
    public string Issuer { get; }

    /// <summary>In whole seconds.</summary>
    public DateTimeOffset MadeAt { get; }

    /// <summary>Empty where nobody gave one.</summary>
    public ReadOnlyMemory<byte> Nonce { get; }

    /// <summary>Thumbprints in base64url, ascending by the bytes that they stand for.</summary>
    public IReadOnlyList<string> Keys { get; }

    /// <summary>The vkey.</summary>
    public string LedgerKey { get; }

    /// <summary>
    /// Refuses texts and nonces that are too long or too short, and keys that are no thumbprints. Keys may come in any
    /// order and more than once.
    /// </summary>
    public static Decoded<IssuerStatement> Of(
        string issuer, DateTimeOffset madeAt, ReadOnlyMemory<byte> nonce, IEnumerable<string> keys, string ledgerKey)
    {
        if (issuer.Length is 0 or > LongestText) return Refused("issuer is empty or too long");
        if (ledgerKey.Length is 0 or > LongestText) return Refused("ledger key is empty or too long");
        if (madeAt < DateTimeOffset.UnixEpoch) return Refused("time of making is before 1970");
        if (nonce.Length is not (0 or (>= ShortestNonce and <= LongestNonce)))
            return Refused($"nonce has {nonce.Length} bytes, not {ShortestNonce} to {LongestNonce}");

        var ordered = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var key in keys)
        {
            if (BytesOf(key) is not { } bytes) return Refused("a key is no SHA-256 thumbprint in base64url");
            ordered[Convert.ToHexStringLower(bytes)] = key;
            if (ordered.Count > MostKeys) return Refused($"more than {MostKeys} keys");
        }

        return new IssuerStatement(
            issuer, DateTimeOffset.FromUnixTimeSeconds(madeAt.ToUnixTimeSeconds()), nonce, [.. ordered.Values],
            ledgerKey);
    }

    /// <summary>The content, in the form that the type describes.</summary>
    public byte[] Encode()
    {
        using var content = new MemoryStream();
        content.WriteByte(Version);
        Write(content, Encoding.UTF8.GetBytes(Issuer));
        Span<byte> time = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteInt64BigEndian(time, MadeAt.ToUnixTimeSeconds());
        content.Write(time);
        Write(content, Nonce.Span);
        Write(content, (uint)Keys.Count);
        foreach (var key in Keys) Write(content, BytesOf(key)!);
        Write(content, Encoding.UTF8.GetBytes(LedgerKey));
        return content.ToArray();
    }

    /// <summary>The 64 bytes to be found in the quote.</summary>
    public byte[] ReportData() => ReportDataBinding.Compute(Tag, Encode());

    private static void Write(MemoryStream content, ReadOnlySpan<byte> bytes)
    {
        Write(content, (uint)bytes.Length);
        content.Write(bytes);
    }

    private static void Write(MemoryStream content, uint number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        content.Write(bytes);
    }

    /// <summary>Null where the text is no thumbprint, or not the one spelling of its bytes.</summary>
    private static byte[]? BytesOf(string thumbprint)
    {
        const int spelled = 43;
        if (thumbprint.Length != spelled || !Ascii.IsValid(thumbprint)) return null;
        var bytes = new byte[SHA256.HashSizeInBytes];
        return Base64Url.DecodeFromChars(thumbprint, bytes, out _, out var length) == OperationStatus.Done
            && length == bytes.Length && Base64Url.EncodeToString(bytes) == thumbprint
            ? bytes
            : null;
    }

    private static Decoded<IssuerStatement> Refused(string error) => Decoded<IssuerStatement>.Refused(error);
}
