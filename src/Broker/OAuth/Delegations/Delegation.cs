using System.Security.Cryptography;
using Broker.Sessions;

namespace Broker.OAuth.Delegations;

/// <summary>What a person let a client do: have sessions of the person's own, on these terms, until it is ended.</summary>
/// <param name="How">What the person used, for the ledger: <c>device_code</c> or <c>authorization_code</c>.</param>
/// <param name="Since">When the person signed in.</param>
/// <param name="Nonce">Of the request, for the ID token; null where it had none.</param>
internal sealed record Delegation(
    string Id, SessionIdentity Person, SessionTerms Terms, string How, DateTimeOffset Since, string? Nonce)
{
    /// <summary>A delegation ends by then, however often it is refreshed.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(90);

    /// <summary>A refresh token that is not used for so long is worth nothing.</summary>
    public static readonly TimeSpan LongestRest = TimeSpan.FromDays(30);

    public static string NewId() => $"dlg_{RandomNumberGenerator.GetHexString(24, lowercase: true)}";

    public bool Has(string scope) => Terms.Scope.Split(' ').Contains(scope);
}

/// <summary>A session that was issued under a delegation.</summary>
internal sealed record DelegatedSession(string TokenId, Cryptography.Sha256Digest Bearer, DateTimeOffset ExpiresAt);
