using Broker.Foundation.Results;
using Broker.Ledger;

namespace Broker.Aws;

/// <summary>Credentials that STS gave. Nobody has seen them; they leave by a recorded release only.</summary>
/// <param name="Session">What STS was asked for: it knows the session under this name.</param>
/// <param name="Hop">The ledger's entry of the role that was assumed first; null where there was none.</param>
internal sealed record FetchedCredentials(StsSession Session, StsCredentials Credentials, RecordId? Hop = null);

/// <summary>Where credentials for an approved session come from.</summary>
internal interface ICredentialSource
{
    /// <summary>
    /// A refusal where there are none. Takes no longer than <c>BROKER_STS_TIMEOUT_SECONDS</c> for each hop.
    /// </summary>
    Task<Result<FetchedCredentials>> FetchAsync(StsSession session, CancellationToken stop);
}
