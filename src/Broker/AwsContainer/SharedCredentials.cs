using Broker.Aws;
using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.Ledger;
using Broker.Modules;
using Broker.Roles;

namespace Broker.AwsContainer;

/// <summary>
/// Credentials that all processes of one actor share: one call to STS for each actor, role and lifetime, ahead of their
/// end. Two sessions that share them are alike to AWS in everything but the name. Each answer is a release of its own,
/// with an entry of its own.
/// </summary>
internal sealed class SharedCredentials(StsExchange sts, TimeProvider time) : ICredentialSource
{
    public static readonly RefusalCode StsSlow = new(
        "sts_slow", "sts_error", StatusCodes.Status503ServiceUnavailable, Refused.TryLater, LedgerOutcome.StsError);

    private const int MostSessions = 10_000;

    /// <summary>SDKs give up after two seconds and ask again; the fetch goes on for whoever comes next.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1.5);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>SDKs take what has less than a quarter of an hour left for ended, and would ask at each call.</summary>
    private static readonly TimeSpan UsefulTime = TimeSpan.FromMinutes(16);

    private readonly KeptCredentials<Key, FetchedCredentials> _kept =
        new(MostSessions, fetched => fetched.Credentials.Expiration, time);

    /// <exception cref="LedgerUnavailableException">The ledger does not hold a hop; what it gave is dropped.</exception>
    public async Task<Result<FetchedCredentials>> FetchAsync(StsSession session, CancellationToken stop)
    {
        var (mint, lifetime) = (session.Mint, session.Mint.Lifetime);
        var key = new Key(mint.Caller.Actor, mint.Caller.Wallet, session.Role, lifetime, mint.GrantId);
        var least = lifetime / 3;
        var window = new RefreshWindow(least < UsefulTime ? least : UsefulTime, lifetime / 2, Patience);
        try
        {
            var found = await _kept
                .GetAsync(key, window, () => sts.FetchAsync(session, CancellationToken.None))
                .WaitAsync(LongestWait, time, stop);
            return found.Refusal is { } refusal ? refusal : found.Value.Value;
        }
        catch (TimeoutException)
        {
            return new Refusal(StsSlow, "STS has not answered yet; the credentials are on their way");
        }
    }

    /// <summary>All that AWS can tell apart.</summary>
    private sealed record Key(
        ActorOmni Actor, EthereumAddress? Wallet, CatalogueRole Role, TimeSpan Lifetime, string? GrantId);
}
