using System.Text;
using Broker.Foundation.Results;
using OpenIddict.Abstractions;

namespace Broker.OAuth.Protocol;

/// <summary>
/// A client's credentials in the header (RFC 6749 §2.3.1): <c>Basic</c>, each of the two form-encoded before they are
/// joined by a colon.
/// </summary>
internal static class BasicCredentials
{
    private const string Scheme = "Basic ";
    private const int Longest = 4096;

    private static readonly UTF8Encoding s_utf8 = new(false, throwOnInvalidBytes: true);

    public static bool AreIn(HttpRequest request) =>
        request.Headers.Authorization is [{ } header] && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);

    /// <summary>Puts what the header says into <paramref name="form"/>. Null when that was possible.</summary>
    public static Refusal? Read(HttpRequest request, OpenIddictRequest form)
    {
        if (form.ClientSecret is not null || form.ClientAssertion is not null)
        {
            return new Refusal(
                OAuthRefusals.InvalidRequest, "the client must prove itself in one way, in the header or in the body");
        }

        if (Decode(request.Headers.Authorization[0]!) is not var (id, secret))
        {
            return new Refusal(OAuthRefusals.InvalidClient,
                "the header must be Basic and the base64 of client_id:client_secret, each form-encoded");
        }

        if (form.ClientId is { } named && named != id)
            return new Refusal(OAuthRefusals.InvalidClient, "header and body name different clients");
        (form.ClientId, form.ClientSecret) = (id, secret);
        return null;
    }

    private static (string Id, string Secret)? Decode(string header)
    {
        try
        {
            if (header.Length > Longest) return null;
            var pair = s_utf8.GetString(Convert.FromBase64String(header[Scheme.Length..].Trim(' ')));
            var colon = pair.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0) return null;
            var (id, secret) = (FormDecode(pair[..colon]), FormDecode(pair[(colon + 1)..]));
            return secret.Length == 0 ? null : (id, secret);
        }
        catch (Exception wrong) when (wrong is FormatException or ArgumentException)
        {
            return null;
        }
    }

    private static string FormDecode(string text) =>
        Uri.UnescapeDataString(text.Replace('+', ' '));
}
