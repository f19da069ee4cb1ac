using Broker.Foundation.Results;
using OpenIddict.Abstractions;

namespace Broker.OAuth.Protocol;

/// <summary>
/// One value of <c>grant_type</c>: says who asks and for what. It issues nothing; what it proved does, through a use
/// case.
/// </summary>
internal interface IGrant
{
    /// <summary>The <c>grant_type</c>.</summary>
    string Type { get; }

    /// <param name="clientId">The client, authenticated; null for a request without one.</param>
    ValueTask<Result<IProvenGrant>> ProveAsync(OAuthCall call, OpenIddictRequest request, string? clientId);
}

/// <summary>A grant whose proof held.</summary>
internal interface IProvenGrant
{
    /// <summary>The <c>sub</c> of the token.</summary>
    string Subject { get; }

    /// <summary>Approves, records and signs, by the use case. Returns after the ledger holds the entry on disk.</summary>
    /// <exception cref="Broker.Ledger.LedgerUnavailableException">
    /// The ledger does not hold it; nothing was signed.
    /// </exception>
    ValueTask<Result<GrantedToken>> IssueAsync();
}

/// <summary>A token that is on record; its <c>jti</c> is the entry's id.</summary>
internal sealed record GrantedToken(string Token, DateTimeOffset ExpiresAt)
{
    /// <summary>What the next one is asked with; null where there is none.</summary>
    public string? RefreshToken { get; init; }

    /// <summary>Who the person is, for the client; null where it did not ask.</summary>
    public string? IdToken { get; init; }

    /// <summary>Whether it is bound to the key that the request has proven (RFC 9449 §5).</summary>
    public bool IsBound { get; init; }

    /// <summary>What was granted; null where the grant knows no scopes.</summary>
    public string? Scope { get; init; }
}
