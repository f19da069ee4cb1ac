using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Broker.Ledger;

/// <summary>
/// Short numbers in place of the texts that entries are found by. Equal texts have equal keys; that other texts have
/// other keys is likely, not certain, so whoever finds an entry by a key compares the text.
/// </summary>
/// <param name="Record">Of the record id.</param>
/// <param name="Actor">Of the actor's omni: its first 8 bytes; 0 for the empty text.</param>
/// <param name="Wallet">Of the wallet: its first 8 bytes; 0 for the empty text.</param>
public readonly record struct EntryKeys(RecordKey Record, long Actor, long Wallet)
{
    private const int DigitsOfKey = 16;

    public static EntryKeys Of(LedgerColumns columns) =>
        new(RecordKey.Of(columns.RecordId), OfOmni(columns.ActorOmni), OfWallet(columns.RequesterWallet));

    public static long OfOmni(string omni) => OfHex(omni, 0, 64);

    public static long OfWallet(string wallet) =>
        wallet.StartsWith("0x", StringComparison.Ordinal) ? OfHex(wallet, 2, 42) : OfHex(wallet, 0, -1);

    /// <summary>The first 8 bytes of a text's SHA-256, for texts of another form than keys are cut from.</summary>
    internal static long OfText(string text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), hash);
        return BinaryPrimitives.ReadInt64BigEndian(hash);
    }

    private static long OfHex(string text, int start, int length)
    {
        if (text.Length == 0) return 0;
        return text.Length == length && Cryptography.Hex.IsLowerCase(text.AsSpan(start))
            ? unchecked((long)ulong.Parse(
                text.AsSpan(start, DigitsOfKey), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture))
            : OfText(text);
    }
}

/// <summary>
/// A record id as two numbers, which grow with time: its seconds and its digits. An id of another form, as somebody may
/// have written into a file, has −1 and a hash.
/// </summary>
public readonly record struct RecordKey(long Seconds, long Digits)
{
    public static RecordKey Of(string recordId)
    {
        if (!RecordId.TryParse(recordId, out _)) return new RecordKey(-1, EntryKeys.OfText(recordId));
        var split = recordId.LastIndexOf('_');
        return long.TryParse(
            recordId.AsSpan(4, split - 4), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? new RecordKey(seconds, unchecked((long)ulong.Parse(
                recordId.AsSpan(split + 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)))
            : new RecordKey(-1, EntryKeys.OfText(recordId));
    }
}
