using System.Diagnostics.Metrics;
using Broker.Foundation.Results;
using Broker.Ledger;
using Broker.Ledger.Writing;
using Broker.Metrics;
using Broker.Releases;

namespace Broker.Tokens;

/// <summary>An OIDC token that is on record.</summary>
internal sealed record IssuedToken(SignedToken Token, ApprovedMint Mint, LedgerReceipt Receipt);

/// <summary>Issues an OIDC token to a verified caller: approved by the list of checks, recorded, then signed.</summary>
internal sealed class IssueOidcToken(
    ReleasePolicy policy, DryRun dryRun, ReleaseLedger ledger, OidcTokenSigner signer, TokenOptions options,
    MintMetrics mints, Meter meter)
{
    private readonly MintKind _kind = new(
        OidcTokenRelease.Kind, NeedsRole: false, new LifetimeBounds("ttl_seconds", 60, 3600, options.Lifetime));

    /// <summary>How long requests take.</summary>
    public Histogram<double> Seconds { get; } =
        meter.Durations("agentkeys_broker_mint_oidc_jwt_seconds", "Time to answer POST /v1/mint-oidc-jwt.");

    /// <summary>The key that signs now for this audience; AWS's where it is null.</summary>
    public string KeyIdFor(string? audience) => signer.WriterFor(audience ?? Audiences.Aws).Key.KeyId;

    public MintMetrics.Timer Time() => mints.Time(Seconds);

    /// <param name="role">Pins the token to one role, by name or ARN.</param>
    /// <param name="lifetimeSeconds">60 to 3600; the setting's where it is null.</param>
    /// <param name="audience">AWS STS where it is null.</param>
    /// <param name="reason">What for, in the caller's own words.</param>
    public WantedMint Want(string? role, int? lifetimeSeconds, string? audience, string? reason = null) =>
        new(_kind, role, lifetimeSeconds) { Audience = audience, Reason = reason };

    /// <summary>What <see cref="RunAsync"/> would find, as the JSON of a dry run.</summary>
    public ReadOnlyMemory<byte> Rehearse(MintRequest request) => dryRun.Rehearse(request, [], signer.WriteGrant);

    /// <exception cref="LedgerUnavailableException">The ledger does not hold it; nothing was signed.</exception>
    public async ValueTask<Result<IssuedToken>> RunAsync(MintRequest request)
    {
        var mint = policy.Approve(request);
        if (mint.Refusal is { } denied) return denied;

        // On record first: returns once the entry is durable. Only a recorded release can be signed, and only once.
        RecordedRelease<OidcTokenRelease> recorded;
        try
        {
            recorded = await ledger.RecordAsync(
                new OidcTokenRelease(mint.Value, signer.WriterFor(mint.Value.Audience)), CancellationToken.None);
        }
        catch (LedgerUnavailableException)
        {
            policy.GiveBack(request);
            throw;
        }

        return new IssuedToken(signer.Sign(recorded), mint.Value, recorded.Receipt);
    }
}
