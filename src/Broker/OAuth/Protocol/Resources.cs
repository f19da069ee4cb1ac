using Broker.Foundation.Results;

namespace Broker.OAuth.Protocol;

/// <summary>For whom a token is asked (RFC 8707).</summary>
/// <param name="Name">Null for this broker.</param>
internal sealed record AskedResource(string? Name);

/// <summary>Reads <c>resource</c>: one address without a fragment, or none.</summary>
internal static class Resources
{
    private const int Longest = 512;

    public static Result<AskedResource> Of(IReadOnlyList<string?> asked, string issuer)
    {
        if (asked.Count == 0) return new AskedResource(null);
        if (asked is not [{ Length: > 0 and <= Longest } one] || one.Contains('#')
            || one.AsSpan().ContainsAnyExceptInRange('!', '~')
            || !Uri.TryCreate(one, UriKind.Absolute, out var uri)
            || uri.Scheme is not ("https" or "http"))
        {
            return new Refusal(OAuthRefusals.InvalidTarget,
                $"resource must be one https address of at most {Longest} characters, without a fragment");
        }

        return new AskedResource(one.TrimEnd('/') == issuer ? null : one);
    }
}
