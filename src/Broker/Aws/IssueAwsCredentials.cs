using System.Diagnostics.Metrics;
using Broker.Foundation.Results;
using Broker.Identity;
using Broker.Ledger;
using Broker.Ledger.Writing;
using Broker.Metrics;
using Broker.Releases;
using Broker.Roles;

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
    /// <param name="reason">What for, in the caller's own words.</param>
    public WantedMint Want(string? role, int? lifetimeSeconds, string? reason = null) =>
        new(_kind, role, lifetimeSeconds) { Reason = reason };

    /// <summary>What <see cref="RunAsync"/> would find, as the JSON of a dry run.</summary>
    /// <param name="key">What the idempotency key says: null without one, true where the answer is known already.</param>
    public ReadOnlyMemory<byte> Rehearse(MintRequest request, (PolicyCheck Check, bool IsReplay)? key) => key switch
    {
        (var replayed, true) => DryRun.RehearseReplay(request.Caller, replayed),
        (var check, _) => dryRun.Rehearse(request, [check], grant.Write),
        null => dryRun.Rehearse(request, [], grant.Write),
    };

    /// <summary>Why <see cref="RunAsync"/> would refuse before it asks STS; null where it would not.</summary>
    public Refusal? Refuse(MintRequest request) =>
        policy.Explain(request).Checks.Select(check => check.Refusal).FirstOrDefault(refusal => refusal is not null);

    /// <summary>How long sessions of a role last where nothing is said, and at most.</summary>
    public (TimeSpan Usual, TimeSpan Longest) Lifetimes(CatalogueRole role)
    {
        var bounds = _kind.Lifetime.For(role);
        return (bounds.Usual, TimeSpan.FromSeconds(bounds.High));
    }

    /// <param name="named">Told the role's ARN and the role session's name, once they are known.</param>
    /// <param name="source">Where the credentials come from; STS, in this very call, where it is null.</param>
    /// <exception cref="LedgerUnavailableException">The ledger does not hold it; the credentials are dropped.</exception>
    public async ValueTask<Result<IssuedCredentials>> RunAsync(
        MintRequest request, Action<string, string> named, ICredentialSource? source = null)
    {
        var approved = policy.Approve(request);
        if (approved.Refusal is { } denied) return denied;
        var mint = approved.Value;
        var session = new StsSession(mint, mint.Role!, SessionPolicy.For(mint, mint.Role!));
        named(session.Role.Arn.Text, session.Name);
        var isReleased = false;
        try
        {
            var issued = await ReleaseAsync(session, source ?? sts);
            isReleased = issued.Refusal is null;
            return issued;
        }
        finally
        {
            if (!isReleased) policy.GiveBack(request);
        }
    }

    private async ValueTask<Result<IssuedCredentials>> ReleaseAsync(StsSession session, ICredentialSource source)
    {
        // Nobody has seen what STS gives. Whoever hangs up does not end this: it is bounded by its own time-out.
        var fetched = await source.FetchAsync(session, CancellationToken.None);
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
