using Microsoft.IdentityModel.Tokens;

namespace Broker.OAuth.Clients;

/// <summary>A program that may ask for tokens by itself, as the operator's file has it.</summary>
/// <param name="Keys">Its public P-256 keys, at least one.</param>
/// <param name="GrantTypes">The grants that it may use.</param>
/// <param name="Roles">The roles, by name or ARN, that its own sessions may ask for; null for all.</param>
internal sealed record OAuthClient(
    string ClientId, JsonWebKeySet Keys, IReadOnlyList<string> GrantTypes, IReadOnlyList<string>? Roles);
