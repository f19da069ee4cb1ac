using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Primitives;

namespace Broker.LocalCloud.Signing;

/// <summary>
/// The text whose hash SigV4 signs: method, path, sorted query, the signed headers with trimmed values, their names,
/// and the payload's hash, one per line (AWS General Reference, "Create a canonical request").
/// </summary>
internal static class CanonicalRequest
{
    /// <param name="query">Names and values as decoded from the wire, without <c>X-Amz-Signature</c>.</param>
    /// <param name="header">Gives a header's values by its lower-case name.</param>
    public static string Compose(
        string method, string canonicalPath, IEnumerable<KeyValuePair<string, string>> query,
        IReadOnlyList<string> signedHeaders, Func<string, StringValues> header, string payloadHash)
    {
        var text = new StringBuilder(512);
        text.Append(method).Append('\n').Append(canonicalPath).Append('\n');
        text.AppendJoin('&', query
            .Select(parameter => (Name: AwsEscape.Encode(parameter.Key), Value: AwsEscape.Encode(parameter.Value)))
            .OrderBy(parameter => parameter.Name, StringComparer.Ordinal)
            .ThenBy(parameter => parameter.Value, StringComparer.Ordinal)
            .Select(parameter => $"{parameter.Name}={parameter.Value}"));
        text.Append('\n');
        foreach (var name in signedHeaders)
            text.Append(name).Append(':').AppendJoin(',', header(name).Select(Trimmed)).Append('\n');
        return text.Append('\n').AppendJoin(';', signedHeaders).Append('\n').Append(payloadHash).ToString();
    }

    public static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    public static string Hash(string text) => Hash(Encoding.UTF8.GetBytes(text));

    /// <summary>Without surrounding blanks, and with each run of blanks as one.</summary>
    private static string Trimmed(string? value) =>
        string.Join(' ', (value ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries)).Trim();
}
