using System.Buffers.Text;
using System.Security.Cryptography;
using Broker.Issuer;

namespace Broker.People;

/// <summary>
/// The cookie by which the broker knows a browser again: 32 random bytes in base64url, and nothing else. Script cannot
/// read it, no other site's request carries it, and no other host can set it (RFC 6265bis, the prefix
/// <c>__Host-</c>). An issuer over plain http, which only development mode allows, has a name without the prefix.
/// </summary>
internal sealed class BrowserCookie(IssuerOptions issuer)
{
    private const int IdBytes = 32;
    private const int IdLength = 43;

    private readonly bool _isSecure = issuer.Issuer.StartsWith("https://", StringComparison.Ordinal);

    public string Name => _isSecure ? "__Host-agentkeys" : "agentkeys";

    /// <summary>Null where the request has none, or what it has is not of our form.</summary>
    public string? Read(HttpRequest request) =>
        request.Cookies[Name] is { Length: IdLength } id && Base64Url.IsValid(id) ? id : null;

    /// <summary>Gives the browser a new id, in the place of the one that it had.</summary>
    public string Renew(HttpResponse response)
    {
        var id = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(IdBytes));
        response.Cookies.Append(Name, id, Attributes());
        return id;
    }

    public void Remove(HttpResponse response) => response.Cookies.Delete(Name, Attributes());

    // Without an age: it ends with the browser, and what it stands for ends in the broker.
    private CookieOptions Attributes() => new()
    {
        HttpOnly = true,
        Secure = _isSecure,
        SameSite = SameSiteMode.Strict,
        Path = "/",
        IsEssential = true,
    };
}
