using System.Buffers.Binary;
using System.Security.Cryptography;
using Broker.Cryptography;

namespace Broker.Ledger;

/// <summary>
/// Names one ledger entry before it is written: <c>aud_&lt;unix seconds&gt;_&lt;16 hex digits&gt;</c>. The credential
/// carries it (a token's <c>jti</c>, the role session name), so that it can be joined to the ledger. It grows with
/// time, so that the file's index over it grows at its end: with random ids each entry of a commit would dirty a page
/// of its own.
/// </summary>
public readonly record struct RecordId
{
    // Of the 16 digits the first five count the second's 2²⁰ parts of about a microsecond; the others are random.
    private const int FractionBits = 20;
    private const int RandomBits = 64 - FractionBits;

    private readonly string? _text;

    private RecordId(string text) => _text = text;

    /// <summary>A fresh id; two ids of the same microsecond differ with probability 1 − 2⁻⁴⁴.</summary>
    public static RecordId New(DateTimeOffset now)
    {
        Span<byte> random = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(random);
        var ticks = (ulong)(now.UtcTicks % TimeSpan.TicksPerSecond);
        var fraction = (ticks << FractionBits) / TimeSpan.TicksPerSecond;
        var digits = (fraction << RandomBits) | (BinaryPrimitives.ReadUInt64BigEndian(random) >> FractionBits);
        return new RecordId($"aud_{now.ToUnixTimeSeconds()}_{digits:x16}");
    }

    /// <summary>Reads the text form; refuses anything that <see cref="New"/> could not have made.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out RecordId id)
    {
        id = default;
        if (text.Length is < 22 or > 40 || !text.StartsWith("aud_")) return false;
        var split = text.LastIndexOf('_');
        if (split < 5) return false;
        var seconds = text[4..split];
        var random = text[(split + 1)..];
        if (seconds.ContainsAnyExceptInRange('0', '9')) return false;
        if (random.Length != 16 || !Hex.IsLowerCase(random)) return false;
        id = new RecordId(text.ToString());
        return true;
    }

    /// <exception cref="InvalidOperationException">It was never set.</exception>
    public override string ToString() => _text ?? Unset();

    private static string Unset() =>
        throw new InvalidOperationException("internal error: a record id was used before it was set");
}
