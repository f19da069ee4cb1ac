using Broker.Foundation.Results;
using Broker.Identity;
using Broker.IdentityLinks;
using Broker.Ledger;
using Broker.Releases;
using Microsoft.Data.Sqlite;

namespace Broker.Grants;

/// <summary>
/// A signed mint with <c>intent.service</c> uses a grant that its master made for the signing address and that service
/// (contract §2.8). Where there never was one the mint is allowed, unless <c>BROKER_REQUIRE_EXPLICIT_GRANT</c> says
/// otherwise; where there was one it must be live. An agent that acts for its master needs a grant of the master's for
/// the address of its device, whose service is the name of the role, or the audience of a token that has no role.
/// </summary>
/// <remarks>
/// A use is taken when every check has passed, in one statement. It is given back when a later check is faster spent,
/// when STS refuses or is silent, and when the ledger does not hold the entry: nothing left in any of these. A process
/// that is killed in between loses that one use; none is ever used twice. A dry run takes nothing, and neither does an
/// answer that is given again for its <c>Idempotency-Key</c>.
/// </remarks>
internal sealed partial class GrantCheck(
    IGrantStore grants, IIdentityLinkStore links, GrantOptions options, TimeProvider time, ILogger<GrantCheck> log)
    : IReleaseCheck
{
    private const string Name = "grant";

    public PolicyCheck Look(MintRequest request)
    {
        request.GrantId = null;
        if (request.Caller.Agent is not null) return new PolicyCheck(Name, "none is needed: its path policy decides");
        if (request.Caller.Acting is not null && ServiceOf(request) is null)
        {
            return PolicyCheck.Refused(Name, GrantRefusals.GrantRequired,
                "an agent that acts for its master must name the role, which a grant is for");
        }

        if (UseOf(request) is not var (master, daemon, service))
        {
            return options.RequireExplicitGrant
                ? PolicyCheck.Refused(Name, GrantRefusals.GrantRequired,
                    "this broker wants every mint signed, with the intent.service that a grant is for")
                : new PolicyCheck(Name, "none, and none is needed");
        }

        var (finding, grant) = grants.Find(master, daemon, service, time.GetUtcNow());
        if (RefusalOf(finding, request) is { } refusal) return new PolicyCheck(Name, refusal.Detail, refusal);
        request.GrantId = grant?.Id;
        return new PolicyCheck(Name, grant is null
            ? "implicit: there is none for this address and service"
            : $"{grant.Id}, use {grant.UsedCount + 1} of {grant.Terms.MaxUses}");
    }

    public Refusal? Take(MintRequest request)
    {
        if (request.Caller.Agent is not null || UseOf(request) is not var (master, daemon, service)) return null;
        var now = time.GetUtcNow();
        request.GrantId = grants.Consume(master, daemon, service, now);
        request.HasTakenGrant = request.GrantId is not null;
        if (request.HasTakenGrant) return null;

        // Another was faster, or there is none: a second look says which.
        var (finding, grant) = grants.Find(master, daemon, service, now);
        return finding == GrantFinding.Live
            ? new Refusal(GrantRefusals.GrantExhausted, $"every use of {grant!.Id} was being taken")
            : RefusalOf(finding, request);
    }

    public void GiveBack(MintRequest request)
    {
        if (!request.HasTakenGrant) return;
        request.HasTakenGrant = false;
        try
        {
            grants.GiveBack(request.GrantId!);
        }
        catch (SqliteException fault)
        {
            LogUseLost(log, request.GrantId!, request.RequestId, fault);
        }
    }

    /// <summary>
    /// The master is the one that the signing wallet is linked to with proof; for a wallet without such a link its own
    /// actor. A claim without proof makes nobody a master: anybody could bind a stranger's mints.
    /// </summary>
    private (ActorOmni Master, string Daemon, string Service)? UseOf(MintRequest request)
    {
        if (request.Caller.Acting is { } agent)
        {
            return ServiceOf(request) is { } wanted
                ? (request.Caller.Actor, agent.Device.ToString(), wanted)
                : null;
        }

        if (request.Signed is not { Service.Length: > 0 } signed) return null;
        var daemon = signed.Signer.ToString();
        var link = links.Find(new LinkableIdentity(IdentityType.Evm, daemon));
        var master = link is { IsProven: true } ? link.Omni : request.Caller.Actor;
        return (master, daemon, signed.Service);
    }

    private static string? ServiceOf(MintRequest request) =>
        request.Role?.Name ?? (request.Wanted.Audience is { } other and not ApprovedMint.UsualAudience ? other : null);

    private Refusal? RefusalOf(GrantFinding finding, MintRequest request) => finding switch
    {
        GrantFinding.Revoked => new Refusal(GrantRefusals.GrantRevoked, "the grant was revoked"),
        GrantFinding.Expired => new Refusal(GrantRefusals.GrantExpired, "expired: the grant is no longer valid"),
        GrantFinding.Exhausted => new Refusal(GrantRefusals.GrantExhausted, "every use of the grant is taken"),
        GrantFinding.NoGrant when request.Caller.Acting is not null => new Refusal(
            GrantRefusals.GrantRequired,
            "the master has made no grant for the agent's device and this role or audience"),
        GrantFinding.NoGrant when options.RequireExplicitGrant => new Refusal(
            GrantRefusals.GrantRequired, "there is no grant for the signing address and intent.service"),
        _ => null,
    };

    [LoggerMessage(Level = LogLevel.Error,
        Message = "a use of {GrantId} is lost, request {RequestId}: it could not be given back")]
    private static partial void LogUseLost(ILogger log, string grantId, string requestId, Exception fault);
}
