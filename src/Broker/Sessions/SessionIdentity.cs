using Broker.Cryptography;
using Broker.Identity;
using Broker.Ledger;

namespace Broker.Sessions;

/// <summary>Who a session token speaks for: the claim <c>agentkeys</c> (contract §3.3).</summary>
/// <param name="Wallet">Null where the identity has no wallet; the claim is then the empty text.</param>
/// <param name="Type">One of <see cref="IdentityType"/>.</param>
internal sealed record SessionIdentity(ActorOmni Omni, EthereumAddress? Wallet, string Type, string Value)
{
    /// <summary>Of an agent that a master has paired; null for everybody else.</summary>
    public AgentLineage? Agent { get; init; }

    /// <summary>Of a program for which a foreign issuer vouched; null for everybody else.</summary>
    public Workload? Workload { get; init; }

    /// <summary>Of a session that was exchanged for another; null for everybody else.</summary>
    public Derivation? Derivation { get; init; }

    /// <summary>Of a session that an OAuth client holds for a person; null for everybody else.</summary>
    public SessionTerms? Terms { get; init; }

    /// <summary>
    /// The thumbprint of the key without whose proof the token opens nothing (RFC 9449 §6.1); null for a bearer's.
    /// </summary>
    public string? Key { get; init; }

    /// <summary>Who it is, as the ledger has it.</summary>
    public EntryActor OnRecord => EntryActor.Of(Omni, Wallet);
}
