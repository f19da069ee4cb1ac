using System.Text;
using Broker.Cryptography;
using Broker.Ledger.Notes;

namespace Broker.Ledger.Tests.Policies;

/// <summary>
/// Keys for policy files: in a text, <c>$log1</c> stands for the vkey of a log, <c>$witness1</c> for that of a witness;
/// both from 1 to 9. The even witnesses, and logs, sign with ML-DSA-44.
/// </summary>
internal static class PolicyKeys
{
    private static readonly Dictionary<string, MLDsaCosigner> PostQuantum = Names("log", "witness")
        .Where(name => name[^1] % 2 == 0).ToDictionary(name => name, name => new MLDsaCosigner(NameOf(name)));

    /// <summary>The name of a key, and the origin of a log: <c>log1.example</c>.</summary>
    public static string NameOf(string key) => $"{key}.example";

    public static string Vkey(string key) => PostQuantum.TryGetValue(key, out var cosigner)
        ? cosigner.Vkey
        : new NoteKey(
            NameOf(key), IsLog(key) ? NoteKeyType.Ed25519 : NoteKeyType.CosignatureV1, Ed25519(key).VerifyingKey)
            .ToString();

    /// <summary>
    /// A policy's octets: <c>$log1</c> and the like replaced, <c>{a}</c> and <c>{b}</c> by lines that define the
    /// witnesses a and b, and the other characters by the octets of their numbers.
    /// </summary>
    public static byte[] File(string text)
    {
        text = text.Replace("{a}", "witness a $witness1", StringComparison.Ordinal)
            .Replace("{b}", "witness b $witness2", StringComparison.Ordinal);
        foreach (var name in Names("log", "witness"))
            text = text.Replace($"${name}", Vkey(name), StringComparison.Ordinal);
        return Encoding.Latin1.GetBytes(text);
    }

    /// <summary>The line that the key puts under a checkpoint.</summary>
    public static string Sign(string key, string text, long time = 1_679_315_147)
    {
        if (PostQuantum.TryGetValue(key, out var cosigner)) return cosigner.Cosign(text, IsLog(key) ? 0 : time);
        var own = Ed25519(key);
        return IsLog(key)
            ? new NoteSigner(NameOf(key), own).Sign(text)[(text.Length + 1)..]
            : Cosignature.Sign(NameOf(key), own, text, DateTimeOffset.FromUnixTimeSeconds(time));
    }

    private static bool IsLog(string key) => key.StartsWith("log", StringComparison.Ordinal);

    private static Ed25519SigningKey Ed25519(string key) => Ed25519SigningKey.FromSeed(
        System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    private static IEnumerable<string> Names(params string[] kinds) =>
        kinds.SelectMany(kind => Enumerable.Range(1, 9).Select(n => $"{kind}{n}"));
}
