using System.Security.Cryptography;
using System.Text;

namespace Broker.Http;

/// <summary>The bearer of a request. <see cref="Text"/> is a secret: nothing but verification reads it.</summary>
internal sealed class BearerToken
{
    private const string Scheme = "Bearer ";
    private const int Longest = 8192;

    private BearerToken(string text)
    {
        Text = text;
        Hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    public string Text { get; }

    /// <summary>SHA-256 as 64 lower-case hex digits: how the ledger knows the bearer.</summary>
    public string Hash { get; }

    /// <summary>
    /// Three parts that begin like a JSON header: one of ours or a forgery, never a legacy bearer (contract §2.8).
    /// </summary>
    public bool LooksLikeJwt => Text.StartsWith("eyJ", StringComparison.Ordinal) && Text.AsSpan().Count('.') == 2;

    public static Outcome<BearerToken> Of(HttpRequest request)
    {
        var header = request.Headers.Authorization;
        if (header.Count != 1 || header[0] is not { } value || !value.StartsWith(Scheme, StringComparison.Ordinal)
            || value.Length == Scheme.Length)
            return new Refusal(RefusalCode.MissingBearer, "missing Authorization header");

        var text = value[Scheme.Length..];
        return text.Length <= Longest && !text.AsSpan().ContainsAnyExceptInRange('!', '~')
            ? new BearerToken(text)
            : new Refusal(RefusalCode.MissingBearer,
                $"the Authorization header must hold one token of at most {Longest} printable characters");
    }
}
