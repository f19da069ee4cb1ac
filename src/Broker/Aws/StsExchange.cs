using Broker.Foundation.Results;
using Broker.Tokens;

namespace Broker.Aws;

/// <summary>Fetches credentials for an approved session in the way that is configured (decisions C1, C2).</summary>
internal sealed class StsExchange(IStsClient sts, OidcTokenSigner signer, AwsOptions options)
{
    public StsMode Mode => options.Mode;

    public Task<Result<StsCredentials>> FetchAsync(StsSession session, CancellationToken stop) => Mode switch
    {
        StsMode.WebIdentity => sts.AssumeRoleWithWebIdentityAsync(session, signer.SignForExchange(session.Mint), stop),
        StsMode.AssumeRole => sts.AssumeRoleAsync(session, stop),
        _ => throw new InvalidOperationException("internal error: unknown STS mode"),
    };
}
