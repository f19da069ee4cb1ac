using Broker.Configuration;
using Broker.Cryptography;
using Broker.OAuth.Protocol;
using Broker.Roles;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Broker.OAuth.Clients;

/// <summary>
/// The file of <c>BROKER_OAUTH_CLIENTS_FILE</c>: an array of client metadata (RFC 7591 §2). Whoever can write it can
/// act as a client, so only its owner may; where it has a secret, only its owner may read it.
/// <code>
/// [
///   { "client_id": "mailer", "token_endpoint_auth_method": "client_secret_basic", "client_secret": "…",
///     "grant_types": ["client_credentials"], "roles": ["data"] },
///   { "client_id": "batch", "jwks": { "keys": [{ "kty": "EC", "crv": "P-256", "x": "…", "y": "…" }] },
///     "grant_types": ["client_credentials"] },
///   { "client_id": "cli", "client_name": "The command line", "redirect_uris": ["http://127.0.0.1/callback"],
///     "grant_types": ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
///     "scope": "openid offline_access" }
/// ]
/// </code>
/// Where <c>token_endpoint_auth_method</c> is left out it follows from what there is: a secret, keys, or nothing
/// (<c>none</c>). <c>grant_types</c> is <c>authorization_code</c> where it is left out, <c>scope</c> everything, and
/// without <c>roles</c> a client may ask for every role. Members that are not known are refused, for a misspelt limit
/// would be none.
/// </summary>
internal static class ClientsFile
{
    /// <summary>The grants that a client may be given.</summary>
    public static readonly string[] Grants =
    [
        GrantTypes.ClientCredentials, JwtBearer, GrantTypes.TokenExchange, GrantTypes.AuthorizationCode,
        GrantTypes.RefreshToken, GrantTypes.DeviceCode,
    ];

    /// <summary>The scopes that there are.</summary>
    public static readonly string[] AllScopes = [Scopes.OpenId, Scopes.OfflineAccess];

    /// <summary>RFC 7523 §2.1.</summary>
    public const string JwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";

    private const int Longest = 1 << 20;
    private const int LongestId = 128;
    private const int LongestSecret = 512;
    private const int LongestName = 64;
    private const int MostRedirects = 32;

    private static readonly string[] Methods =
    [
        ClientAuthenticationMethods.None, ClientAuthenticationMethods.ClientSecretBasic,
        ClientAuthenticationMethods.ClientSecretPost, ClientAuthenticationMethods.PrivateKeyJwt,
    ];

    /// <exception cref="FormatException">The file is missing or not usable, with a reason for an operator.</exception>
    public static IReadOnlyList<OAuthClient> Read(string path, RoleCatalogue? roles)
    {
        var written = OperatorFile.Read(path, Longest, ClientsFileJson.Default.WrittenClientArray,
            "a file of clients: a JSON array of client metadata (RFC 7591), each with client_id");
        const UnixFileMode Readers = UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        if (written.Any(client => client.Secret is not null) && (new FileInfo(path).UnixFileMode & Readers) != 0)
            throw new FormatException($"has a client_secret and may be read by others; run: chmod 600 {path}");
        var clients = written.Select(Client).ToArray();
        if (clients.DistinctBy(client => client.ClientId).Count() != clients.Length)
            throw new FormatException("a client_id is there twice");

        // A role that nobody can have is a misspelt one.
        if (roles is not null
            && clients.FirstOrDefault(
                client => client.Roles?.Any(role => roles.Find(role) is null) == true) is { } wrong)
            throw new FormatException($"{wrong.ClientId}: roles must be of the catalogue ({roles.Names})");
        return clients;
    }

    private static OAuthClient Client(WrittenClient written)
    {
        var id = written.ClientId;
        if (id.Length is 0 or > LongestId || id.AsSpan().ContainsAnyExceptInRange('!', '~')
            || id.Contains("://", StringComparison.Ordinal))
            throw new FormatException($"a client_id must be 1 to {LongestId} printable characters, and not an address");
        if (written.Name is { } name && (name.Length is 0 or > LongestName || name.Any(char.IsControl)))
            throw new FormatException($"{id}: client_name must be 1 to {LongestName} characters");

        var method = MethodOf(written);
        var redirects = written.RedirectUris ?? [];
        if (redirects.Length > MostRedirects || !redirects.All(RedirectUris.IsAcceptable))
        {
            throw new FormatException(
                $"{id}: redirect_uris must be at most {MostRedirects} absolute addresses without a fragment: "
                + " https, http to loopback, or a scheme of the client's own with a dot");
        }

        return new OAuthClient(id, method)
        {
            Name = written.Name ?? id,
            Keys = written.Jwks is { } keys ? ClientKeys.Read(id, keys) : new(),
            Secret = written.Secret is { } secret ? Sha256Digest.Of(secret) : null,
            GrantTypes = GrantsOf(written, method),
            RedirectUris = redirects,
            Scopes = ScopesOf(written),
            Roles = written.Roles,
        };
    }

    private static string MethodOf(WrittenClient written)
    {
        var id = written.ClientId;
        var method = written.AuthenticationMethod ?? written switch
        {
            { Secret: not null } => ClientAuthenticationMethods.ClientSecretBasic,
            { Jwks: not null } => ClientAuthenticationMethods.PrivateKeyJwt,
            _ => ClientAuthenticationMethods.None,
        };
        if (!Methods.Contains(method))
            throw new FormatException($"{id}: token_endpoint_auth_method is one of {string.Join(", ", Methods)}");
        if (written.Secret is { } secret
            && (secret.Length is 0 or > LongestSecret || secret.AsSpan().ContainsAnyExceptInRange(' ', '~')))
            throw new FormatException($"{id}: client_secret must be 1 to {LongestSecret} printable ASCII characters");

        var (needsSecret, needsKeys) = (
            method is ClientAuthenticationMethods.ClientSecretBasic or ClientAuthenticationMethods.ClientSecretPost,
            method is ClientAuthenticationMethods.PrivateKeyJwt);
        if (needsSecret != written.Secret is not null)
            throw new FormatException($"{id}: {method} goes {(needsSecret ? "with" : "without")} a client_secret");
        if (needsKeys != written.Jwks is not null)
            throw new FormatException($"{id}: {method} goes {(needsKeys ? "with" : "without")} jwks");
        return method;
    }

    private static string[] GrantsOf(WrittenClient written, string method)
    {
        var grants = written.GrantTypes ?? [GrantTypes.AuthorizationCode];
        if (grants.Any(grant => !Grants.Contains(grant)))
            throw new FormatException($"{written.ClientId}: grant_types are of {string.Join(", ", Grants)}");
        if (written.GrantTypes is not null && grants.Contains(GrantTypes.AuthorizationCode)
            && written.RedirectUris is not { Length: > 0 })
            throw new FormatException($"{written.ClientId}: authorization_code needs redirect_uris");
        if (method == ClientAuthenticationMethods.None && grants.Contains(GrantTypes.ClientCredentials))
            throw new FormatException($"{written.ClientId}: client_credentials needs a client_secret or jwks");
        return grants;
    }

    private static string[] ScopesOf(WrittenClient written)
    {
        if (written.Scope is null) return AllScopes;
        var scopes = written.Scope.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return scopes.All(AllScopes.Contains)
            ? scopes
            : throw new FormatException($"{written.ClientId}: scope is of {string.Join(", ", AllScopes)}");
    }
}
