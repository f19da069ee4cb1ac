using System.Security.Cryptography;
using Broker.Cryptography;

namespace Broker.Ledger;

/// <summary>
/// Names one ledger entry before it is written: <c>aud_&lt;unix seconds&gt;_&lt;16 hex digits&gt;</c>, the digits random.
/// The credential carries it (a token's <c>jti</c>, the role session name), so that it can be joined to the ledger.
/// </summary>
public readonly record struct RecordId
{
    private readonly string? _text;

    private RecordId(string text) => _text = text;

    /// <summary>A fresh id; two ids of the same second differ with probability 1 − 2⁻⁶⁴.</summary>
    public static RecordId New(DateTimeOffset now)
    {
        Span<byte> random = stackalloc byte[8];
        RandomNumberGenerator.Fill(random);
        return new RecordId($"aud_{now.ToUnixTimeSeconds()}_{Convert.ToHexStringLower(random)}");
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

    public override string ToString() => _text ?? "";
}
