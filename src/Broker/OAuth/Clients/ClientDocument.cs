using System.Text.Json;
using Broker.Foundation;
using Broker.OAuth.Protocol;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Broker.OAuth.Clients;

/// <summary>
/// Reads a client-id metadata document (draft-ietf-oauth-client-id-metadata-document): RFC 7591 metadata whose
/// <c>client_id</c> is the document's own address. It has no secret; members that are not known are passed over.
/// </summary>
internal static class ClientDocument
{
    private const int LongestName = 64;
    private const int MostRedirects = 32;

    /// <exception cref="FormatException">It is not usable; says why.</exception>
    public static OAuthClient Read(string address, byte[] json)
    {
        try
        {
            using var document = StrictJson.Parse(json);
            return Read(address, document.RootElement);
        }
        catch (JsonException wrong)
        {
            throw new FormatException("its document is not acceptable JSON", wrong);
        }
    }

    private static OAuthClient Read(string address, JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || Text(root, "client_id") != address)
            throw new FormatException("client_id in its document is not the document's own address");
        if (root.TryGetProperty("client_secret", out _)) throw new FormatException("its document has a client_secret");
        var method = Text(root, "token_endpoint_auth_method") ?? ClientAuthenticationMethods.None;
        if (method is not (ClientAuthenticationMethods.None or ClientAuthenticationMethods.PrivateKeyJwt))
            throw new FormatException("token_endpoint_auth_method in its document must be none or private_key_jwt");
        var redirects = Texts(root, "redirect_uris") ?? [];
        if (redirects.Length is 0 or > MostRedirects || !redirects.All(RedirectUris.IsAcceptable))
            throw new FormatException("redirect_uris in its document are missing or not acceptable");

        var name = Text(root, "client_name");
        return new OAuthClient(address, method)
        {
            Name = name is { Length: > 0 and <= LongestName } && !name.Any(char.IsControl) ? name : address,
            Keys = method == ClientAuthenticationMethods.None ? new() : KeysOf(address, root),
            RedirectUris = redirects,
            GrantTypes = GrantsOf(root),
            Scopes = ClientsFile.AllScopes,
        };
    }

    /// <summary>Those for which a person decides; a document gives its client nothing in its own name.</summary>
    private static string[] GrantsOf(JsonElement root)
    {
        string[] people = [GrantTypes.AuthorizationCode, GrantTypes.RefreshToken, GrantTypes.DeviceCode];
        return [.. people.Intersect(Texts(root, "grant_types") ?? [GrantTypes.AuthorizationCode])];
    }

    private static Microsoft.IdentityModel.Tokens.JsonWebKeySet KeysOf(string address, JsonElement root) =>
        root.TryGetProperty("jwks", out var jwks)
        && jwks.Deserialize(ClientsFileJson.Default.WrittenKeys) is { } keys
            ? ClientKeys.Read(address, keys)
            : throw new FormatException("its document has no jwks");

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string[]? Texts(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array
        && value.EnumerateArray().All(one => one.ValueKind == JsonValueKind.String)
            ? [.. value.EnumerateArray().Select(one => one.GetString()!)]
            : null;
}
