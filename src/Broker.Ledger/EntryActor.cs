using Broker.Cryptography;

namespace Broker.Ledger;

/// <summary>Whom an entry concerns: an actor, with its wallet where it has one; the default is nobody known.</summary>
public readonly record struct EntryActor
{
    private readonly ActorOmni? _omni;
    private readonly EthereumAddress? _wallet;

    private EntryActor(ActorOmni omni, EthereumAddress? wallet) => (_omni, _wallet) = (omni, wallet);

    /// <summary>An actor, with the wallet that it has bound; null where it has none.</summary>
    public static EntryActor Of(ActorOmni omni, EthereumAddress? wallet) => new(omni, wallet);

    /// <summary>The column <c>actor_omni</c>: 64 lower-case hex digits, or empty.</summary>
    public string OmniText => _omni?.ToString() ?? "";

    /// <summary>
    /// The column <c>requester_wallet</c>: <c>0x</c> and 40 lower-case hex digits; the actor where it has no wallet;
    /// <c>unknown</c> for nobody known.
    /// </summary>
    public string WalletText => _wallet?.ToString() ?? _omni?.ToString() ?? "unknown";
}
