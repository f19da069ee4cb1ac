using System.Diagnostics.Metrics;
using Broker.Foundation.Results;
using Broker.Identity;
using Broker.Ledger;
using Broker.Ledger.Writing;
using Broker.Metrics;
using Broker.Releases;

namespace Broker.Aws;

/// <summary>AWS credentials that are on record.</summary>
internal sealed record IssuedCredentials(StsCredentials Credentials, StsSession Session, LedgerReceipt Receipt);

/// <summary>
/// Issues AWS credentials to a verified caller: approved by the list of checks, given by STS, recorded with their key
/// id, and only then handed on.
/// </summary>
internal sealed class IssueAwsCredentials(
    ReleasePolicy policy, DryRun dryRun, AwsGrant grant, ReleaseLedger ledger, StsExchange sts, AwsOptions options,
    MintMetrics mints, Meter meter, TimeProvider time)
{
    private readonly MintKind _kind = new(
        AwsCredentialRelease.Kind, NeedsRole: true,
        new LifetimeBounds("duration_seconds", 900, 43_200, options.SessionDuration));

    /// <summary>How long requests take.</summary>
    public Histogram<double> Seconds { get; } =
        meter.Durations("agentkeys_broker_mint_aws_creds_seconds", "Time to answer POST /v1/mint-aws-creds.");

    public MintMetrics.Timer Time() => mints.Time(Seconds);

    /// <param name="role">By name or ARN; the default one where it is null.</param>
    /// <param name="lifetimeSeconds">900 to 43200; the setting's where it is null.</param>
    public WantedMint Want(string? role, int? lifetimeSeconds) => new(_kind, role, lifetimeSeconds);

    /// <summary>What <see cref="RunAsync"/> would find, as the JSON of a dry run.</summary>
    /// <param name="key">What the idempotency key says: null without one, true where the answer is known already.</param>
    public ReadOnlyMemory<byte> Rehearse(MintRequest request, (PolicyCheck Check, bool IsReplay)? key) => key switch
    {
        (var replayed, true) => DryRun.RehearseReplay(request.Caller, replayed),
        (var check, _) => dryRun.Rehearse(request, [check], grant.Write),
        null => dryRun.Rehearse(request, [], grant.Write),
    };

    /// <param name="named">Told the role's ARN and the role session's name, once they are known.</param>
    /// <exception cref="LedgerUnavailableException">The ledger does not hold it; the credentials are dropped.</exception>
    public async ValueTask<Result<IssuedCredentials>> RunAsync(MintRequest request, Action<string, string> named)
    {
        var approved = policy.Approve(request);
        if (approved.Refusal is { } denied) return denied;
        var mint = approved.Value;
        var session = new StsSession(mint, mint.Role!, SessionPolicy.For(mint, mint.Role!));
        named(session.Role.Arn.Text, session.Name);
        var isReleased = false;
        try
        {
            var issued = await ReleaseAsync(session);
            isReleased = issued.Refusal is null;
            return issued;
        }
        finally
        {
            if (!isReleased) policy.GiveBack(request);
        }
    }

    private async ValueTask<Result<IssuedCredentials>> ReleaseAsync(StsSession session)
    {
        // Nobody has seen what STS gives. Whoever hangs up does not end this: it is bounded by its own time-out.
        var fetched = await sts.FetchAsync(session, CancellationToken.None);
        if (fetched.Refusal is { } failed) return failed;

        // On record first, with the key id. Only a recorded release can be answered, and only once.
        var recorded = await ledger.RecordAsync(
            new AwsCredentialRelease(session, fetched.Value, sts.Mode), CancellationToken.None);
        return new IssuedCredentials(recorded.Redeem().Credentials, session, recorded.Receipt);
    }

    /// <summary>An earlier answer once more: a release like the first, recorded again.</summary>
    /// <exception cref="LedgerUnavailableException">The ledger does not hold it; nothing is repeated.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> RepeatAsync(
        byte[] earlier, VerifiedCaller caller, string requestId)
    {
        var again = await ledger.RecordAsync(
            new ReplayedAnswer(earlier, caller, requestId, time.GetUtcNow()), CancellationToken.None);
        return again.Redeem().Body;
    }
}
