using Broker.Cryptography;
using Broker.Ledger;
using Broker.Sessions;

namespace Broker.Identity;

/// <summary>
/// A caller whose identity was proven in this request. Only <see cref="Callers"/> makes one; policy, ledger and signers
/// ask for it, so that an unauthenticated path to them does not compile.
/// </summary>
internal sealed class VerifiedCaller
{
    internal VerifiedCaller(
        CallerProof proof, ActorOmni actor, EthereumAddress? wallet, Sha256Digest bearerHash, DateTimeOffset validUntil)
    {
        Proof = proof;
        Actor = actor;
        Wallet = wallet;
        BearerHash = bearerHash;
        ValidUntil = validUntil;
    }

    public CallerProof Proof { get; }

    /// <summary>Whose prefix is used.</summary>
    public ActorOmni Actor { get; }

    /// <summary>Null for an actor that has not bound a wallet.</summary>
    public EthereumAddress? Wallet { get; }

    /// <summary>Who it is, as the ledger has it.</summary>
    public EntryActor OnRecord => EntryActor.Of(Actor, Wallet);

    /// <summary>
    /// The wallet, or the actor omni where there is no wallet: what answers and the ledger call <c>wallet</c>.
    /// </summary>
    public string WalletOrActor => field ??= Wallet?.ToString() ?? Actor.ToString();

    /// <summary>How the ledger knows the bearer.</summary>
    public Sha256Digest BearerHash { get; }

    public DateTimeOffset ValidUntil { get; }

    /// <summary>The <c>client_id</c> of an OAuth client that acts for itself; null for everybody else.</summary>
    public string? ClientId { get; init; }

    /// <summary>Of an agent that a master has paired; null for everybody else.</summary>
    public AgentLineage? Agent { get; init; }

    /// <summary>Of a program for which a foreign issuer vouched; null for everybody else.</summary>
    public Workload? Workload { get; init; }

    /// <summary>Of a session that was exchanged for another, or in which an agent acts; null otherwise.</summary>
    public Derivation? Derivation { get; init; }

    /// <summary>The agent that acts for this caller; null where nobody does.</summary>
    public ActingAgent? Acting => Derivation?.Acting;

    /// <summary>What an entry says beside the caller: who vouched for it, and who acts.</summary>
    public EntryEvidence On(EntryEvidence evidence)
    {
        if (Workload is { } workload) evidence = workload.On(evidence);
        return Acting is { } agent ? evidence.With("acting_omni", agent.Omni.ToString()) : evidence;
    }
}

/// <summary>What proved the caller.</summary>
internal enum CallerProof
{
    /// <summary>A session token of ours.</summary>
    SessionToken,

    /// <summary>An opaque bearer that the legacy backend vouched for.</summary>
    LegacyBearer,

    /// <summary>A token of a configured foreign issuer.</summary>
    ForeignToken,

    /// <summary>A capability that a broker signed.</summary>
    Capability,
}
