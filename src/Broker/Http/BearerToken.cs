using Broker.Cryptography;
using Broker.Foundation.Results;

namespace Broker.Http;

/// <summary>The bearer of a request. <see cref="Text"/> is a secret: nothing but verification reads it.</summary>
internal sealed class BearerToken
{
    /// <summary>Of a token that goes with a proof.</summary>
    public const string ProvenScheme = "DPoP";

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

    /// <summary>The request whose header it was; null where it came elsewhere.</summary>
    public HttpRequest? Request { get; private init; }

    /// <summary>Whether it was sent with the promise of a proof (RFC 9449 §7.1).</summary>
    public bool IsProven { get; private init; }

    /// <summary>The key that its sender has proven to hold otherwise; null where none was.</summary>
    public string? ProvenKey { get; init; }

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
        return Of(text, request, HasProvenScheme(request));
    }

    /// <summary>Whether the request names the scheme <c>DPoP</c>.</summary>
    public static bool HasProvenScheme(HttpRequest request) =>
        request.Headers.Authorization is [{ } value] && SchemeIs(value, ProvenScheme);

    /// <summary>
    /// The same where the header may be the token alone, as clients send it that add no scheme of their own.
    /// </summary>
    public static Result<BearerToken> OfBare(HttpRequest request)
    {
        var header = request.Headers.Authorization;
        return header.Count == 1 && header[0] is { Length: > 0 } value && !value.Contains(' ')
            ? Of(value.AsMemory(), request, isProven: false)
            : Of(request);
    }

    /// <summary>A token that came elsewhere than in the header.</summary>
    /// <param name="provenKey">Of the key that its sender has proven to hold; null where none was.</param>
    public static Result<BearerToken> Of(string text, string? provenKey = null)
    {
        var bearer = Of(text.AsMemory(), null, isProven: false);
        return provenKey is null || bearer.Refusal is not null
            ? bearer
            : new BearerToken(text.AsMemory()) { ProvenKey = provenKey };
    }

    private static Result<BearerToken> Of(ReadOnlyMemory<char> text, HttpRequest? request, bool isProven)
    {
        return text.Length <= Longest && !text.Span.ContainsAnyExceptInRange('!', '~')
            ? new BearerToken(text) { Request = request, IsProven = isProven }
            : new Refusal(HttpRefusals.MissingBearer,
                $"a bearer is one token of at most {Longest} printable characters");
    }

    /// <summary>
    /// <c>auth-scheme 1*SP token</c>, the scheme in any case (RFC 9110 §11.1, §11.4). Null for another scheme.
    /// </summary>
    internal static ReadOnlyMemory<char>? TokenOf(string header) =>
        SchemeIs(header, Scheme) ? header.AsMemory(Scheme.Length).TrimStart(' ')
        : SchemeIs(header, ProvenScheme) ? header.AsMemory(ProvenScheme.Length).TrimStart(' ')
        : null;

    private static bool SchemeIs(string header, string scheme) =>
        header.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) && header.AsSpan(scheme.Length).StartsWith(" ");
}
