using Broker.Cryptography;

namespace Broker.Ledger;

/// <summary>
/// What an entry must keep to before it may reach the file. A breach is a bug of the caller, and would otherwise
/// show as a bearer in the clear or as bytes that other programs read differently.
/// </summary>
internal static class LedgerEntryRules
{
    /// <exception cref="ArgumentException">The entry breaks a rule; the message names the property, never its
    /// value.</exception>
    public static void Check(LedgerEntry entry)
    {
        Require(Ledger.RecordId.TryParse(entry.RecordId, out _), nameof(entry.RecordId), "is no record id");
        Require(IsDigestOrEmpty(entry.RequesterToken), nameof(entry.RequesterToken), "is no SHA-256 in lower-case hex");
        Require(IsDigestOrEmpty(entry.RequestHash), nameof(entry.RequestHash), "is no SHA-256 in lower-case hex");
        Require(IsDigestOrEmpty(entry.ActorOmni), nameof(entry.ActorOmni), "is not 64 lower-case hex digits");
        Require(entry.Outcome.Length > 0, nameof(entry.Outcome), "is empty");
        Require(entry.Kind.Length > 0, nameof(entry.Kind), "is empty");
        Require(IsExact(entry.MintedAt), nameof(entry.MintedAt), "is outside ±(2⁵³ − 1)");
        Require(IsExact(entry.ExpiresAt), nameof(entry.ExpiresAt), "is outside ±(2⁵³ − 1)");
        Require(Fits(entry), nameof(entry), $"takes more than {CanonicalEntry.MaxLength} bytes");
    }

    private static bool IsDigestOrEmpty(string text) => text.Length is 0 or 64 && Hex.IsLowerCase(text);

    private static bool IsExact(long value) => value is >= -CanonicalEntry.MaxInteger and <= CanonicalEntry.MaxInteger;

    // Measuring costs as much as writing, so only an entry that might be too long is measured.
    private static bool Fits(LedgerEntry entry)
    {
        const int fixedPart = 1024;
        const int mostBytesPerCharacter = 6;
        var characters = entry.RequesterWallet.Length + entry.RequestedRole.Length + entry.StsSessionName.Length
            + entry.Outcome.Length + (entry.OutcomeDetail?.Length ?? 0) + entry.Kind.Length + entry.Subject.Length
            + entry.RequestId.Length + entry.AccessKeyId.Length + entry.Evidence.Length;
        return fixedPart + (long)characters * mostBytesPerCharacter <= CanonicalEntry.MaxLength
            || (characters <= CanonicalEntry.MaxLength
                && CanonicalEntry.ToArray(entry, CanonicalEntry.MaxInteger).Length <= CanonicalEntry.MaxLength);
    }

    private static void Require(bool holds, string property, string complaint)
    {
        if (!holds) throw new ArgumentException($"internal error: {property} {complaint}", nameof(property));
    }
}
