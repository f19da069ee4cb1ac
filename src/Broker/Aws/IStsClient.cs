using Broker.Foundation.Results;
using Broker.Tokens;

namespace Broker.Aws;

/// <summary>
/// The network edge to STS. A refusal's detail is STS's own error code and message, never a credential. No call
/// outlives <c>BROKER_STS_TIMEOUT_SECONDS</c>.
/// </summary>
internal interface IStsClient
{
    /// <summary>Anonymous: the token is the proof. The session tags are in the token.</summary>
    Task<Result<StsCredentials>> AssumeRoleWithWebIdentityAsync(
        StsSession session, WebIdentityToken token, CancellationToken stop);

    /// <summary>
    /// With the broker's own AWS credentials; the session tags are parameters, all of them transitive.
    /// </summary>
    Task<Result<StsCredentials>> AssumeRoleAsync(StsSession session, CancellationToken stop);

    /// <summary>
    /// With the credentials of a role that was assumed first. Its tags are transitive, and its source identity stays:
    /// neither may be given again.
    /// </summary>
    Task<Result<StsCredentials>> AssumeNextRoleAsync(
        StsSession session, StsCredentials first, CancellationToken stop);

    /// <summary>The ARN that the broker's own AWS credentials speak for.</summary>
    Task<Result<string>> CallerIdentityAsync(CancellationToken stop);
}
