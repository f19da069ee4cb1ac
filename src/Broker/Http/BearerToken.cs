using Broker.Cryptography;
using Broker.Foundation.Results;

namespace Broker.Http;

/// <summary>The bearer of a request. <see cref="Text"/> is a secret: nothing but verification reads it.</summary>
internal sealed class BearerToken
{
    private const string Scheme = "Bearer";
    private const int Longest = 8192;

    // A part of the header: most bearers are known by their hash, and nobody asks for the text.
    private readonly ReadOnlyMemory<char> _text;

    private BearerToken(ReadOnlyMemory<char> text)
    {
        _text = text;
        Hash = Sha256Digest.Of(text.Span);
    }

    public string Text => _text.ToString();

    /// <summary>How the ledger knows the bearer.</summary>
    public Sha256Digest Hash { get; }

    /// <summary>
    /// Three parts that begin like a JSON header: one of ours or a forgery, never a legacy bearer (contract §2.8).
    /// </summary>
    public bool LooksLikeJwt => _text.Span.StartsWith("eyJ") && _text.Span.Count('.') == 2;

    public static Result<BearerToken> Of(HttpRequest request)
    {
        var header = request.Headers.Authorization;
        if (header.Count != 1 || header[0] is not { } value || TokenOf(value) is not { IsEmpty: false } text)
            return new Refusal(HttpRefusals.MissingBearer, "missing Authorization header");
        return Of(text);
    }

    /// <summary>
    /// The same where the header may be the token alone, as clients send it that add no scheme of their own.
    /// </summary>
    public static Result<BearerToken> OfBare(HttpRequest request)
    {
        var header = request.Headers.Authorization;
        return header.Count == 1 && header[0] is { Length: > 0 } value && !value.Contains(' ')
            ? Of(value)
            : Of(request);
    }

    /// <summary>A token that came elsewhere than in the header.</summary>
    public static Result<BearerToken> Of(string text) => Of(text.AsMemory());

    private static Result<BearerToken> Of(ReadOnlyMemory<char> text)
    {
        return text.Length <= Longest && !text.Span.ContainsAnyExceptInRange('!', '~')
            ? new BearerToken(text)
            : new Refusal(HttpRefusals.MissingBearer,
                $"a bearer is one token of at most {Longest} printable characters");
    }

    /// <summary>
    /// <c>auth-scheme 1*SP token</c>, the scheme in any case (RFC 9110 §11.1, §11.4). Null for another scheme.
    /// </summary>
    internal static ReadOnlyMemory<char>? TokenOf(string header) =>
        header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && header.AsSpan(Scheme.Length).StartsWith(" ")
            ? header.AsMemory(Scheme.Length).TrimStart(' ')
            : null;
}
