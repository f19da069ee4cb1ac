using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.OAuth.Protocol;
using Broker.Sessions;

namespace Broker.OAuth.Grants;

/// <summary>A proven identity that gets a session: what most grants end in.</summary>
internal sealed class SessionGrant(IssueSession issue, SessionIdentity identity, string how, string requestId)
    : IProvenGrant
{
    public string Subject => SessionTokenRelease.SubjectOf(identity);

    /// <summary>Of the token that proved the identity; null where none did.</summary>
    public Sha256Digest? Bearer { get; init; }

    /// <summary>How long the session may last; null for as long as sessions do.</summary>
    public TimeSpan? Longest { get; init; }

    /// <summary>What was granted; null where the grant knows no scopes.</summary>
    public string? Scope { get; init; }

    public async ValueTask<Result<GrantedToken>> IssueAsync()
    {
        var issued = await issue.RunAsync(identity, how, requestId, Bearer, Longest);
        return new GrantedToken(issued.Token, issued.ExpiresAt) { IsBound = identity.Key is not null, Scope = Scope };
    }
}
