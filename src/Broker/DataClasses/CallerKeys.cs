using Amazon.Runtime;
using Broker.Foundation.Results;
using Microsoft.Extensions.Primitives;

namespace Broker.DataClasses;

/// <summary>With whose rights S3 is asked.</summary>
/// <param name="Own">The caller's own credentials; null for those of this process.</param>
internal sealed record DataRights(AWSCredentials? Own)
{
    /// <summary>How the ledger calls them.</summary>
    public string OnRecord => Own is null ? "instance" : "caller";

    public override string ToString() => OnRecord;
}

/// <summary>
/// The caller's own STS credentials, passed on in three headers (contract §11.5): all of them or none. They are used
/// for the calls of this request and never written anywhere.
/// </summary>
internal static class CallerKeys
{
    public const string IdHeader = "X-Aws-Access-Key-Id";
    public const string SecretHeader = "X-Aws-Secret-Access-Key";
    public const string TokenHeader = "X-Aws-Session-Token";

    public const int LongestId = 128;
    public const int LongestSecret = 256;
    public const int LongestToken = 8192;

    public static Result<DataRights> Read(IHeaderDictionary headers, bool areRequired)
    {
        var (id, secret, token) = (headers[IdHeader], headers[SecretHeader], headers[TokenHeader]);
        if (id.Count + secret.Count + token.Count == 0)
        {
            return areRequired
                ? new Refusal(DataRefusals.StsRequired, "this service needs the caller's own AWS credentials")
                : new DataRights(Own: null);
        }

        return Is(id, LongestId) && Is(secret, LongestSecret) && Is(token, LongestToken)
            ? new DataRights(new SessionAWSCredentials(id, secret, token))
            : new Refusal(
                DataRefusals.StsIncomplete,
                $"{IdHeader}, {SecretHeader} and {TokenHeader} go together, each once and with one value");
    }

    private static bool Is(StringValues header, int longest) =>
        header is [{ Length: > 0 } value] && value.Length <= longest
        && !value.AsSpan().ContainsAnyExceptInRange('!', '~');
}
