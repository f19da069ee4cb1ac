using System.Text.Json;
using Broker.Aws;
using Broker.Cryptography;
using Broker.Foundation;
using Broker.Foundation.Results;
using Broker.Grants;
using Broker.Identity;
using Broker.Refusals;
using Broker.Releases;
using Broker.Roles;

namespace Broker.Inbox;

/// <summary>
/// The callers' own AWS credentials for their mail: role <c>data</c>, 900 seconds, each issue approved by every release
/// check and on record like one that leaves. Kept in memory under the bearer's hash until five minutes before they end,
/// for a bounded number of bearers; callers that come together wait for one issue. The bearer is verified each time, and
/// an agent's path looked at, so an ended session and a suspended agent read nothing.
/// </summary>
internal sealed class CallerCredentials(IssueAwsCredentials issue, IPathPolicyStore policies, TimeProvider time)
{
    private const int LifetimeSeconds = 900;
    private const int MostBearers = 1000;

    private static readonly RefreshWindow Margin = RefreshWindow.At(TimeSpan.FromMinutes(5));
    private static readonly JsonElement NoBody = StrictJson.Parse("{}"u8.ToArray()).RootElement;

    private readonly KeptCredentials<Sha256Digest, IssuedCredentials> _kept =
        new(MostBearers, issued => issued.Credentials.Expiration, time);

    /// <summary>Kept ones where they last, else new ones.</summary>
    public async ValueTask<Result<HeldCredentials>> GetAsync(VerifiedCaller caller, Attempt attempt)
    {
        // What was issued before the suspension is kept, and must not be used.
        if (PathPolicyCheck.RefusalOf(caller, policies) is { } suspended) return suspended;

        // What else such a caller rests on, a rule or a grant, is looked at by a mint alone.
        if (caller.Workload is not null || caller.Derivation is not null)
        {
            var issued = await IssueAsync(caller, attempt);
            return issued.Refusal is { } denied ? denied : new HeldCredentials(issued.Value.Credentials, false);
        }

        var found = await _kept.GetAsync(caller.BearerHash, Margin, () => IssueAsync(caller, attempt));
        return found.Refusal is { } refusal
            ? refusal
            : new HeldCredentials(found.Value.Value.Credentials, found.Value.WasKept);
    }

    private Task<Result<IssuedCredentials>> IssueAsync(VerifiedCaller caller, Attempt attempt)
    {
        var request = new MintRequest(
            caller, issue.Want(RoleCatalogue.DefaultName, LifetimeSeconds), NoBody, attempt.RequestId);
        return issue.RunAsync(request, attempt.Name).AsTask();
    }

    /// <summary>S3 has said that they do not hold: the next call gets new ones.</summary>
    public void Drop(VerifiedCaller caller, StsCredentials credentials) =>
        _kept.Drop(caller.BearerHash, kept => kept.Credentials == credentials);
}

/// <param name="WereKept">They were issued for an earlier request.</param>
internal sealed record HeldCredentials(StsCredentials Credentials, bool WereKept);
