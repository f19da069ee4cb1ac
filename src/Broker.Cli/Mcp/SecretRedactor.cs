using System.Text;
using System.Text.Json;

namespace Broker.Cli.Mcp;

/// <summary>
/// Takes secrets out of a text that a command printed with them in its environment. Found are the secrets themselves,
/// also in base64, hex, addresses and JSON, also broken over lines or blanks, and parts of them from eight characters
/// on. What a command has encrypted or scrambled on purpose is not found.
/// </summary>
internal sealed class SecretRedactor
{
    private const int PartLength = 8;
    private const string Mark = "[redacted]";

    private readonly HashSet<string> _parts = new(StringComparer.Ordinal);
    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    public SecretRedactor(IEnumerable<string> secrets)
    {
        foreach (var form in secrets.Where(secret => secret.Length >= PartLength).SelectMany(FormsOf))
        {
            for (var at = 0; at + PartLength <= form.Length; at++) _parts.Add(form.Substring(at, PartLength));
        }

        _lookup = _parts.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public string Redact(string text)
    {
        // Blanks and line ends do not hide a secret: it is looked for in what is left without them.
        var shown = new char[text.Length];
        var places = new int[text.Length];
        var count = 0;
        for (var at = 0; at < text.Length; at++)
        {
            if (char.IsWhiteSpace(text[at])) continue;
            (shown[count], places[count]) = (text[at], at);
            count++;
        }

        var isSecret = new bool[text.Length];
        for (var at = 0; at + PartLength <= count; at++)
        {
            if (_lookup.Contains(shown.AsSpan(at, PartLength)))
                isSecret.AsSpan(places[at]..(places[at + PartLength - 1] + 1)).Fill(true);
        }

        var result = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length; at++)
        {
            if (!isSecret[at]) result.Append(text[at]);
            else if (at == 0 || !isSecret[at - 1]) result.Append(Mark);
        }

        return result.ToString();
    }

    /// <summary>Base64 has three forms, for a secret may begin at any of three places in what was encoded.</summary>
    private static IEnumerable<string> FormsOf(string secret)
    {
        var bytes = Encoding.UTF8.GetBytes(secret);
        yield return secret;
        yield return Uri.EscapeDataString(secret);
        yield return JsonEncodedText.Encode(secret).Value;
        yield return Convert.ToHexString(bytes);
        yield return Convert.ToHexStringLower(bytes);
        for (var before = 0; before < 3; before++)
        {
            // The first and the last group hold bits of the neighbours; between them it is the secret's alone.
            var encoded = Convert.ToBase64String([.. new byte[before], .. bytes]);
            var own = encoded[(before == 0 ? 0 : 4)..^4];
            yield return own;
            yield return own.Replace('+', '-').Replace('/', '_');
        }

        yield return string.Concat(secret.Reverse());
    }
}
