using Broker.Cryptography;
using Broker.Foundation.Results;

namespace Broker.Http;

/// <summary>The bearer of a request. <see cref="Text"/> is a secret: nothing but verification reads it.</summary>
internal sealed class BearerToken
{
    private const string Scheme = "Bearer";
    private const int Longest = 8192;

    private BearerToken(string text)
    {
        Text = text;
        Hash = Sha256Digest.Of(text);
    }

    public string Text { get; }

    /// <summary>How the ledger knows the bearer.</summary>
    public Sha256Digest Hash { get; }

    /// <summary>
    /// Three parts that begin like a JSON header: one of ours or a forgery, never a legacy bearer (contract §2.8).
    /// </summary>
    public bool LooksLikeJwt => Text.StartsWith("eyJ", StringComparison.Ordinal) && Text.AsSpan().Count('.') == 2;

    public static Result<BearerToken> Of(HttpRequest request)
    {
        var header = request.Headers.Authorization;
        if (header.Count != 1 || header[0] is not { } value || TokenOf(value) is not { Length: > 0 } text)
            return new Refusal(HttpRefusals.MissingBearer, "missing Authorization header");
        return Of(text);
    }

    /// <summary>A token that came elsewhere than in the header.</summary>
    public static Result<BearerToken> Of(string text)
    {
        return text.Length <= Longest && !text.AsSpan().ContainsAnyExceptInRange('!', '~')
            ? new BearerToken(text)
            : new Refusal(HttpRefusals.MissingBearer,
                $"a bearer is one token of at most {Longest} printable characters");
    }

    /// <summary>
    /// <c>auth-scheme 1*SP token</c>, the scheme in any case (RFC 9110 §11.1, §11.4). Null for another scheme.
    /// </summary>
    internal static string? TokenOf(string header) =>
        header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && header.AsSpan(Scheme.Length).StartsWith(" ")
            ? header[Scheme.Length..].TrimStart(' ')
            : null;
}
