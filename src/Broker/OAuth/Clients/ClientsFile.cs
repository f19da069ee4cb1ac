using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Broker.Foundation;
using Broker.Foundation.Settings;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;

namespace Broker.OAuth.Clients;

/// <summary>
/// The file of <c>BROKER_OAUTH_CLIENTS_FILE</c>. Public keys only, so it is not a secret; whoever can write it can act as a
/// client, so only its owner may.
/// <code>
/// {
///   "clients": [
///     {
///       "client_id": "mailer",
///       "jwks": { "keys": [{ "kty": "EC", "crv": "P-256", "x": "…", "y": "…", "kid": "2026-11" }] },
///       "grant_types": ["client_credentials"],
///       "roles": ["data"]
///     }
///   ]
/// }
/// </code>
/// <c>roles</c> may be left out: the client may then ask for every role. Members that are not known are refused, for a
/// misspelt limit would be none.
/// </summary>
internal static class ClientsFile
{
    /// <summary>The grants that a client may be given.</summary>
    public static readonly string[] GrantTypes =
    [
        OpenIddictConstants.GrantTypes.ClientCredentials, JwtBearer, OpenIddictConstants.GrantTypes.TokenExchange,
    ];

    /// <summary>RFC 7523 §2.1.</summary>
    public const string JwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";

    private const int Longest = 1 << 20;
    private const int MostKeys = 16;

    private static readonly SearchValues<char> IdCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    /// <exception cref="BootFailException">The file is missing or not usable.</exception>
    public static IReadOnlyList<OAuthClient> Read(string path)
    {
        BootFailException Fail(string reason, Exception? cause = null) =>
            BootFailException.At(OAuthSettings.ClientsFile, path, reason, cause);

        try
        {
            var file = new FileInfo(path);
            if (!file.Exists) throw Fail("no such file");
            if (file.Length > Longest) throw Fail($"is larger than {Longest} bytes");
            if ((file.UnixFileMode & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != 0)
                throw Fail($"may be written by others; run: chmod go-w {path}");
            var read = StrictJson.Deserialize(File.ReadAllBytes(path), ClientsFileJson.Default.WrittenClients);
            var clients = read.Clients.Select(Client).ToArray();
            return clients.DistinctBy(client => client.ClientId).Count() == clients.Length
                ? clients
                : throw new FormatException("a client_id is there twice");
        }
        catch (JsonException wrong)
        {
            throw Fail("is not a file of clients: JSON with clients, each with client_id, jwks and grant_types", wrong);
        }
        catch (FormatException wrong)
        {
            throw Fail(wrong.Message, wrong);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw Fail("cannot be read", fault);
        }
    }

    private static OAuthClient Client(WrittenClient written)
    {
        var id = written.ClientId;
        if (id.Length is 0 or > 128 || id.AsSpan().ContainsAnyExcept(IdCharacters))
            throw new FormatException("a client_id must be 1 to 128 of A-Za-z0-9._-");
        if (written.GrantTypes.FirstOrDefault(type => !GrantTypes.Contains(type)) is not null)
            throw new FormatException($"{id}: grant_types are of {string.Join(", ", GrantTypes)}");
        if (written.Jwks.Keys.Length is 0 or > MostKeys)
            throw new FormatException($"{id}: jwks must have 1 to {MostKeys} keys");

        var keys = new JsonWebKeySet();
        foreach (var key in written.Jwks.Keys) keys.Keys.Add(Key(id, key));
        return new OAuthClient(id, keys, written.GrantTypes, written.Roles);
    }

    private static JsonWebKey Key(string client, WrittenKey written)
    {
        if (written is not { Kty: "EC", Crv: "P-256", Alg: null or "ES256", Use: null or "sig" })
            throw new FormatException($"{client}: a key must be EC, P-256, for ES256 signatures");
        try
        {
            var point = new ECPoint
            {
                X = System.Buffers.Text.Base64Url.DecodeFromChars(written.X),
                Y = System.Buffers.Text.Base64Url.DecodeFromChars(written.Y),
            };
            using var _ = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = point });
        }
        catch (Exception wrong) when (wrong is FormatException or CryptographicException)
        {
            throw new FormatException($"{client}: a key's x and y are not a point of P-256", wrong);
        }

        return new JsonWebKey
        {
            Kty = written.Kty,
            Crv = written.Crv,
            X = written.X,
            Y = written.Y,
            Kid = written.Kid,
            Alg = SecurityAlgorithms.EcdsaSha256,
            Use = JsonWebKeyUseNames.Sig,
        };
    }
}

internal sealed record WrittenClients(
    [property: JsonPropertyName("clients"), JsonRequired] WrittenClient[] Clients);

internal sealed record WrittenClient(
    [property: JsonPropertyName("client_id"), JsonRequired] string ClientId,
    [property: JsonPropertyName("jwks"), JsonRequired] WrittenKeys Jwks,
    [property: JsonPropertyName("grant_types"), JsonRequired] string[] GrantTypes,
    [property: JsonPropertyName("roles")] string[]? Roles = null);

internal sealed record WrittenKeys([property: JsonPropertyName("keys"), JsonRequired] WrittenKey[] Keys);

/// <summary>A public key; a private one has members that are not known here, and is refused.</summary>
internal sealed record WrittenKey(
    [property: JsonPropertyName("kty"), JsonRequired] string Kty,
    [property: JsonPropertyName("crv"), JsonRequired] string Crv,
    [property: JsonPropertyName("x"), JsonRequired] string X,
    [property: JsonPropertyName("y"), JsonRequired] string Y,
    [property: JsonPropertyName("kid")] string? Kid = null,
    [property: JsonPropertyName("alg")] string? Alg = null,
    [property: JsonPropertyName("use")] string? Use = null);

[JsonSerializable(typeof(WrittenClients))]
[JsonSourceGenerationOptions(
    RespectNullableAnnotations = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
internal sealed partial class ClientsFileJson : JsonSerializerContext;
