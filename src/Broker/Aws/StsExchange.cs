using Broker.Foundation.Results;
using Broker.Ledger;
using Broker.Ledger.Writing;
using Broker.Tokens;

namespace Broker.Aws;

/// <summary>
/// Fetches credentials for an approved session in the way that is configured (decisions C1, C2). Where the role trusts
/// another role and not the issuer, that one is assumed first: its credentials are on record before they are used, and
/// are used for nothing else.
/// </summary>
internal sealed class StsExchange(IStsClient sts, OidcTokenSigner signer, ReleaseLedger ledger, AwsOptions options)
    : ICredentialSource
{
    public StsMode Mode => options.Mode;

    /// <exception cref="LedgerUnavailableException">The ledger does not hold a hop; what it gave is dropped.</exception>
    public async Task<Result<FetchedCredentials>> FetchAsync(StsSession session, CancellationToken stop)
    {
        if (session.Mint.Hop is not { } hop)
        {
            var direct = await AssumeAsync(session, stop);
            return direct.Refusal is { } refused ? refused : new FetchedCredentials(session, direct.Value);
        }

        var way = new StsSession(hop, hop.Role!, SessionPolicy.ToAssume(session.Role));
        var first = await AssumeAsync(way, stop);
        if (first.Refusal is { } noWay) return noWay with { Detail = $"{hop.Role!.Name}: {noWay.Detail}" };
        var recorded = await ledger.RecordAsync(
            new HopRelease(way, first.Value, session.Role.Arn), CancellationToken.None);
        var reached = await sts.AssumeNextRoleAsync(session, recorded.Redeem().Credentials, stop);
        return reached.Refusal is { } failed
            ? failed
            : new FetchedCredentials(session, reached.Value, hop.RecordId);
    }

    private Task<Result<StsCredentials>> AssumeAsync(StsSession session, CancellationToken stop) => Mode switch
    {
        StsMode.WebIdentity => sts.AssumeRoleWithWebIdentityAsync(session, signer.SignForExchange(session.Mint), stop),
        StsMode.AssumeRole => sts.AssumeRoleAsync(session, stop),
        _ => throw new InvalidOperationException("internal error: unknown STS mode"),
    };
}
