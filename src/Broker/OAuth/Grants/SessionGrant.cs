using Broker.Foundation.Results;
using Broker.OAuth.Protocol;
using Broker.Sessions;

namespace Broker.OAuth.Grants;

/// <summary>A proven identity that gets a session: what most grants end in.</summary>
internal sealed class SessionGrant(IssueSession issue, SessionIdentity identity, string how, string requestId)
    : IProvenGrant
{
    public string Subject => SessionTokenRelease.SubjectOf(identity);

    public async ValueTask<Result<GrantedToken>> IssueAsync()
    {
        var issued = await issue.RunAsync(identity, how, requestId);
        return new GrantedToken(issued.Token, issued.ExpiresAt) { IsBound = identity.Key is not null };
    }
}
