using Broker.Foundation.Settings;
using Broker.Ledger.Notes;

namespace Broker.Receipts;

/// <summary>A witness: where checkpoints are submitted, and the key that its cosignatures verify with.</summary>
internal sealed record WitnessAddress(Uri Submission, NoteKey Key)
{
    /// <summary>A note has 68 signatures at most, and some are the log's own.</summary>
    private const int Most = 63;

    /// <exception cref="FormatException">One is not of the form, is there twice, or they are too many.</exception>
    public static WitnessAddress[] ParseList(string text)
    {
        WitnessAddress[] witnesses = [.. SettingForms.List(text).Select(Parse)];
        if (witnesses.Length > Most) throw new FormatException($"must name at most {Most} witnesses");
        return witnesses.DistinctBy(one => one.Key.ToString()).Count() == witnesses.Length
            ? witnesses
            : throw new FormatException("names a witness twice");
    }

    /// <exception cref="FormatException">Not of the form <c>URL|vkey</c>.</exception>
    private static WitnessAddress Parse(string text)
    {
        var bar = text.IndexOf('|', StringComparison.Ordinal);
        if (bar < 0 || !NoteKey.TryParse(text[(bar + 1)..], out var key))
            throw new FormatException("must be <submission URL>|<witness vkey>");

        // A witness answers with cosignatures and nothing else (C2SP tlog-witness, "add-checkpoint").
        if (key.Type is not (NoteKeyType.CosignatureV1 or NoteKeyType.MLDsa44Cosignature))
        {
            throw new FormatException(
                "the vkey is not a witness's: its type must be 4 (Ed25519 cosignature) or 6 (ML-DSA-44 cosignature)");
        }

        return new WitnessAddress(new Uri(SettingForms.HttpUrl(text[..bar]).AbsoluteUri.TrimEnd('/') + "/"), key);
    }
}
