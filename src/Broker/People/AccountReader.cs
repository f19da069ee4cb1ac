using System.Text;
using Broker.Agents;
using Broker.Grants;
using Broker.Identity;
using Broker.IdentityLinks;
using Broker.Ledger;
using Broker.Ledger.Writing;
using Broker.SignIn.Passkey;

namespace Broker.People;

/// <summary>Reads what a person has. Changes nothing; every list is bounded, the newest first.</summary>
internal sealed class AccountReader(
    IPathPolicyStore policies, IPairingStore pairings, IGrantStore grants, IIdentityLinkStore links,
    ReleaseLedger ledger, IServiceProvider services, TimeProvider time)
{
    private const int MostGrants = 100;
    private const int MostEntries = 20;

    // Only where passkeys sign in.
    private readonly IPasskeyStore? _passkeys = services.GetService<IPasskeyStore>();

    public AccountView Read(VerifiedCaller caller, BrowserSession session)
    {
        var actor = caller.Actor;
        return new AccountView(
            session.Identity.Type, session.Identity.Value, actor.ToString(), caller.Wallet?.ToString(), session.Since,
            session.Until,
            [.. policies.List(actor).Select(one => new AgentView(
                one.DerivationPath, one.Child.ToString(), one.Scope, one.IsActive))],
            [.. pairings.Pending(actor).Select(one => new PairingView(
                one.RequestId, one.Place!.Label, one.Place.Scope, one.Device.Address.ToString()))],
            [.. grants.List(actor, MostGrants).Select(ViewOf)],
            _passkeys is not null,
            [.. (_passkeys?.Of(actor) ?? []).Select(one => new PasskeyView(
                one.CredentialId, one.Label, one.CreatedAt, one.LastUsedAt))],
            [.. links.List(actor).Select(one => new LinkView(one.Identity.Type, one.Identity.Value, one.IsProven))],
            [.. EntriesOf(actor)]);
    }

    private GrantView ViewOf(Grant grant) => new(
        grant.Id, grant.Terms.Daemon, grant.Terms.Service, grant.Terms.ScopePath, grant.Terms.ExpiresAt,
        grant.UsedCount, grant.Terms.MaxUses,
        grant switch
        {
            { RevokedAt: not null } => "revoked",
            _ when grant.Terms.ExpiresAt <= time.GetUtcNow() => "expired",
            _ when grant.UsedCount >= grant.Terms.MaxUses => "used up",
            _ => "live",
        });

    private IEnumerable<EntryView> EntriesOf(ActorOmni actor)
    {
        var newest = new LedgerFilter { ActorOmni = actor.ToString(), NewestFirst = true, Limit = MostEntries };
        foreach (var row in ledger.Reader.Rows(newest))
        {
            var entry = row.Columns;
            if (ledger.Reader.Receipt(row.Index) is not { } receipt) continue;
            yield return new EntryView(
                entry.RecordId, row.Index, entry.Kind, entry.RequestedRole, entry.Outcome, entry.OutcomeDetail,
                DateTimeOffset.FromUnixTimeSeconds(entry.MintedAt), Encoding.UTF8.GetString(row.ToCanonicalBytes()),
                receipt);
        }
    }
}
