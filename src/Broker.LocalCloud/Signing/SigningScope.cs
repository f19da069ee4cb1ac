using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Broker.LocalCloud.Signing;

/// <summary>
/// The credential scope <c>date/region/service/aws4_request</c> and the key that SigV4 derives for it.
/// </summary>
internal sealed record SigningScope(string Date, string Region, string Service)
{
    public const string Algorithm = "AWS4-HMAC-SHA256";
    private const string Terminator = "aws4_request";
    private const string AmzDateFormat = "yyyyMMdd'T'HHmmss'Z'";

    public override string ToString() => $"{Date}/{Region}/{Service}/{Terminator}";

    /// <summary>The chain of four HMACs over date, region, service and terminator.</summary>
    public byte[] DeriveKey(string secretAccessKey)
    {
        var key = Encoding.UTF8.GetBytes("AWS4" + secretAccessKey);
        foreach (var part in (string[])[Date, Region, Service, Terminator])
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        return key;
    }

    /// <summary>
    /// The text that is signed: algorithm, time, scope, then what the kind of signature adds, one per line.
    /// </summary>
    public string StringToSign(string algorithm, string amzDate, params ReadOnlySpan<string> rest) =>
        $"{algorithm}\n{amzDate}\n{this}\n{string.Join('\n', rest!)}";

    /// <summary>Reads <c>AKID/date/region/service/aws4_request</c>; an access key id may not hold a slash.</summary>
    public static bool TryParse(string credential, out string accessKeyId, out SigningScope scope)
    {
        var parts = credential.Split('/');
        var good = parts.Length == 5 && parts[4] == Terminator && parts.All(part => part.Length is > 0 and <= 128)
            && parts[1].Length == 8 && parts[1].All(char.IsAsciiDigit);
        accessKeyId = good ? parts[0] : "";
        scope = good ? new(parts[1], parts[2], parts[3]) : new("", "", "");
        return good;
    }

    public static bool TryParseAmzDate(string text, out DateTimeOffset time) => DateTimeOffset.TryParseExact(
        text, AmzDateFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);
}
