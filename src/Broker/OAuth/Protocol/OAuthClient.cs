using Broker.Cryptography;
using Microsoft.IdentityModel.Tokens;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Broker.OAuth.Protocol;

/// <summary>A program that may ask for tokens, as the operator's file has it (RFC 7591 §2).</summary>
/// <param name="AuthenticationMethod">How it proves itself at the token endpoint.</param>
internal sealed record OAuthClient(string ClientId, string AuthenticationMethod)
{
    /// <summary>What people call it.</summary>
    public string Name { get; init; } = ClientId;

    /// <summary>Its public P-256 keys; none where it proves itself otherwise.</summary>
    public JsonWebKeySet Keys { get; init; } = new();

    /// <summary>The SHA-256 of its secret; null where it has none.</summary>
    public Sha256Digest? Secret { get; init; }

    /// <summary>The grants that it may use.</summary>
    public IReadOnlyList<string> GrantTypes { get; init; } = [];

    /// <summary>Where answers may be sent.</summary>
    public IReadOnlyList<string> RedirectUris { get; init; } = [];

    /// <summary>The scopes that it may ask for.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>The roles, by name or ARN, that its sessions may ask for; null for all.</summary>
    public IReadOnlyList<string>? Roles { get; init; }

    /// <summary>Nothing proves such a client.</summary>
    public bool IsPublic => AuthenticationMethod == ClientAuthenticationMethods.None;
}
