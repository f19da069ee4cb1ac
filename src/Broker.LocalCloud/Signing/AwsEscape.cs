using System.Buffers;
using System.Text;

namespace Broker.LocalCloud.Signing;

/// <summary>
/// The percent-encoding of SigV4: every byte but <c>A-Z a-z 0-9 - . _ ~</c> becomes <c>%XX</c> with upper-case digits
/// (AWS General Reference, "Create a canonical request", UriEncode).
/// </summary>
internal static class AwsEscape
{
    private static readonly SearchValues<char> Unreserved =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~");

    public static string Encode(string text, bool keepSlash = false)
    {
        if (!text.AsSpan().ContainsAnyExcept(Unreserved)) return text;
        var escaped = new StringBuilder(text.Length + 16);
        foreach (var unit in Encoding.UTF8.GetBytes(text))
        {
            var character = (char)unit;
            if (Unreserved.Contains(character) || (keepSlash && character == '/')) escaped.Append(character);
            else escaped.Append('%').Append(unit.ToString("X2", null));
        }

        return escaped.ToString();
    }
}
