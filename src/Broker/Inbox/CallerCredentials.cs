using System.Text.Json;
using Broker.Aws;
using Broker.Cryptography;
using Broker.Foundation;
using Broker.Foundation.Results;
using Broker.Identity;
using Broker.Refusals;
using Broker.Releases;
using Broker.Roles;

namespace Broker.Inbox;

/// <summary>
/// The callers' own AWS credentials for their mail: role <c>data</c>, 900 seconds, each issue approved by every release
/// check and on record like one that leaves. Kept in memory under the bearer's hash until five minutes before they end,
/// for a bounded number of bearers; callers that come together wait for one issue. The bearer is verified each time, so
/// an ended session reads nothing.
/// </summary>
internal sealed class CallerCredentials(IssueAwsCredentials issue, TimeProvider time)
{
    private const int LifetimeSeconds = 900;
    private const int MostBearers = 1000;

    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);
    private static readonly JsonElement NoBody = StrictJson.Parse("{}"u8.ToArray()).RootElement;

    private readonly Lock _gate = new();
    private readonly Dictionary<Sha256Digest, Task<Result<IssuedCredentials>>> _issues = [];

    /// <summary>Kept ones where they last, else new ones.</summary>
    public async ValueTask<Result<HeldCredentials>> GetAsync(VerifiedCaller caller, Attempt attempt)
    {
        var (issuing, wasKept) = Find(caller, attempt);
        try
        {
            var issued = await issuing;
            if (issued.Refusal is not { } refusal) return new HeldCredentials(issued.Value.Credentials, wasKept);
            Forget(caller.BearerHash, issuing);
            return refusal;
        }
        catch
        {
            Forget(caller.BearerHash, issuing);
            throw;
        }
    }

    /// <summary>S3 has said that they do not hold: the next call gets new ones.</summary>
    public void Drop(VerifiedCaller caller, StsCredentials credentials)
    {
        lock (_gate)
        {
            if (_issues.TryGetValue(caller.BearerHash, out var kept) && kept.IsCompletedSuccessfully
                && !kept.Result.IsRefused && kept.Result.Value.Credentials == credentials)
                _issues.Remove(caller.BearerHash);
        }
    }

    private (Task<Result<IssuedCredentials>> Issuing, bool WasKept) Find(VerifiedCaller caller, Attempt attempt)
    {
        lock (_gate)
        {
            if (_issues.TryGetValue(caller.BearerHash, out var known) && (!known.IsCompleted || Lasts(known)))
                return (known, known.IsCompleted);
            if (_issues.Count >= MostBearers) MakeRoom();
            var request = new MintRequest(
                caller, issue.Want(RoleCatalogue.DefaultName, LifetimeSeconds), NoBody, attempt.RequestId);
            var issuing = Task.Run(() => issue.RunAsync(request, attempt.Name).AsTask());
            _issues[caller.BearerHash] = issuing;
            return (issuing, false);
        }
    }

    private bool Lasts(Task<Result<IssuedCredentials>> kept) =>
        kept.IsCompletedSuccessfully && !kept.Result.IsRefused
        && kept.Result.Value.Credentials.Expiration - Margin > time.GetUtcNow();

    /// <summary>Those that have ended go; where all last, the one that ends first. What is under way stays.</summary>
    private void MakeRoom()
    {
        foreach (var (bearer, _) in _issues.Where(one => one.Value.IsCompleted && !Lasts(one.Value)).ToList())
            _issues.Remove(bearer);
        if (_issues.Count < MostBearers) return;
        var kept = _issues.Where(one => one.Value.IsCompleted).ToList();
        if (kept.Count > 0) _issues.Remove(kept.MinBy(one => one.Value.Result.Value.Credentials.Expiration).Key);
    }

    private void Forget(Sha256Digest bearer, Task<Result<IssuedCredentials>> issuing)
    {
        lock (_gate)
        {
            if (_issues.TryGetValue(bearer, out var known) && ReferenceEquals(known, issuing)) _issues.Remove(bearer);
        }
    }
}

/// <param name="WereKept">They were issued for an earlier request.</param>
internal sealed record HeldCredentials(StsCredentials Credentials, bool WereKept);
