using System.Globalization;
using Broker.LocalCloud.Http;

namespace Broker.LocalCloud.Signing;

/// <summary>A SigV4 signature as a request presents it, in the <c>Authorization</c> header or in the query.</summary>
internal sealed record PresentedSignature(
    string AccessKeyId, SigningScope Scope, IReadOnlyList<string> SignedHeaders, string Signature, string AmzDate,
    string? SessionToken, TimeSpan? ValidFor)
{
    private const int MaxHeaderLength = 4096;
    private const int MaxPresignedSeconds = 7 * 24 * 3600;

    public bool IsPresigned => ValidFor is not null;

    /// <summary>True when the request claims to be signed, well or badly.</summary>
    public static bool IsPresent(HttpRequest request) =>
        request.Headers.Authorization.Count > 0 || request.Query.ContainsKey("X-Amz-Algorithm");

    /// <returns>What the request presents, or null when it cannot be read.</returns>
    public static PresentedSignature? Read(HttpRequest request) =>
        request.Headers.Authorization.Count > 0 ? FromHeader(request) : FromQuery(request);

    private static PresentedSignature? FromHeader(HttpRequest request)
    {
        if (request.Headers.Authorization is not [{ Length: <= MaxHeaderLength } header]) return null;
        if (!header.StartsWith(SigningScope.Algorithm + " ", StringComparison.Ordinal)) return null;

        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var field in header[SigningScope.Algorithm.Length..].Split(',', StringSplitOptions.TrimEntries))
        {
            var equals = field.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1 || !fields.TryAdd(field[..equals], field[(equals + 1)..])) return null;
        }

        return Compose(
            fields.GetValueOrDefault("Credential"), fields.GetValueOrDefault("SignedHeaders"),
            fields.GetValueOrDefault("Signature"), request.Headers["X-Amz-Date"] is [{ } date] ? date : null,
            request.Headers["X-Amz-Security-Token"] is [{ } token] ? token : null, validFor: null);
    }

    private static PresentedSignature? FromQuery(HttpRequest request)
    {
        var query = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in RawTarget.Of(request).Parameters())
        {
            if (!query.TryAdd(name, value)) return null;
        }

        if (query.GetValueOrDefault("X-Amz-Algorithm") != SigningScope.Algorithm) return null;
        if (!int.TryParse(query.GetValueOrDefault("X-Amz-Expires"), NumberStyles.None, null, out var seconds)
            || seconds is < 1 or > MaxPresignedSeconds) return null;
        return Compose(
            query.GetValueOrDefault("X-Amz-Credential"), query.GetValueOrDefault("X-Amz-SignedHeaders"),
            query.GetValueOrDefault("X-Amz-Signature"), query.GetValueOrDefault("X-Amz-Date"),
            query.GetValueOrDefault("X-Amz-Security-Token"), TimeSpan.FromSeconds(seconds));
    }

    private static PresentedSignature? Compose(
        string? credential, string? signedHeaders, string? signature, string? amzDate, string? token,
        TimeSpan? validFor)
    {
        if (credential is null || signedHeaders is null || amzDate is null || signature is not { Length: 64 })
            return null;
        if (!SigningScope.TryParse(credential, out var accessKeyId, out var scope)) return null;
        var names = signedHeaders.Split(';');
        var sorted = names.SequenceEqual(names.Distinct().Order(StringComparer.Ordinal));
        return sorted ? new(accessKeyId, scope, names, signature, amzDate, token, validFor) : null;
    }
}
