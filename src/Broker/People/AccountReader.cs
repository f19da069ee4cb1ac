using Broker.Agents;
using Broker.Foundation.Results;
using Broker.Grants;
using Broker.Identity;
using Broker.IdentityLinks;
using Broker.Ledger;
using Broker.Ledger.Writing;
using Broker.Modules;
using Broker.Sessions;
using Broker.SignIn.Passkey;

namespace Broker.People;

/// <summary>
/// Reads what a person has. Changes nothing and proves nothing; every list is bounded, the newest first.
/// </summary>
internal sealed class AccountReader(
    IPathPolicyStore policies, IPairingStore pairings, IGrantStore grants, IIdentityLinkStore links,
    OtherBrowsers browsers, ReleaseLedger ledger, IReadOnlyList<BrokerModule> modules, IServiceProvider services,
    TimeProvider time)
{
    private const int MostGrants = 100;
    private const int MostBrowsers = 20;

    /// <summary>The most entries of each list.</summary>
    private const int MostEntries = 10;

    /// <summary>How many of the newest entries are read to fill the lists.</summary>
    private const int EntriesRead = 100;

    private static readonly string Released = LedgerOutcome.Ok.Text;

    // A session token is a credential too; that it spends no budget is a matter of limits.
    private readonly HashSet<string> _credentialKinds =
    [
        SessionTokenRelease.Kind.Text,
        .. modules.SelectMany(module => module.EntryKinds).Where(kind => kind.SpendsBudget).Select(kind => kind.Text),
    ];

    // Only where passkeys sign in.
    private readonly IPasskeyStore? _passkeys = services.GetService<IPasskeyStore>();

    public AccountView Read(VerifiedCaller caller, BrowserSession session)
    {
        var actor = caller.Actor;
        var entries = ledger.Reader
            .Rows(new LedgerFilter { ActorOmni = actor.ToString(), NewestFirst = true, Limit = EntriesRead })
            .ToLookup(row => row.Columns.Outcome == Released && _credentialKinds.Contains(row.Columns.Kind));
        return new AccountView(
            session.Identity.Type, session.Identity.Value, actor.ToString(), caller.Wallet?.ToString(),
            ViewOf(session),
            [.. browsers.Of(session).Take(MostBrowsers).Select(ViewOf)],
            [.. policies.List(actor).Select(one => new AgentView(
                one.DerivationPath, one.Child.ToString(), one.Scope, one.IsActive))],
            [.. pairings.Pending(actor).Select(one => new PairingView(
                one.RequestId, one.Place!.Label, one.Place.Scope, one.Device.Address.ToString()))],
            [.. grants.List(actor, MostGrants).Select(ViewOf)],
            _passkeys is not null,
            [.. (_passkeys?.Of(actor) ?? []).Select(one => new PasskeyView(
                one.CredentialId, one.Label, one.CreatedAt, one.LastUsedAt))],
            [.. links.List(actor).Select(one => new LinkView(
                one.Identity.Type, one.Identity.Value, one.IsProven, one.LinkedAt))],
            [.. entries[true].Take(MostEntries).Select(EntryView.Of)],
            [.. entries[false].Take(MostEntries).Select(EntryView.Of)]);
    }

    private static SessionView ViewOf(BrowserSession session) =>
        new(session.Id, session.Device, session.Since, session.Until);

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
}
