using Broker.Ledger;

namespace Broker.SignIn.Passkey;

/// <summary>Where passkeys are kept. Whatever changes one is durable when the call returns.</summary>
internal interface IPasskeyStore
{
    /// <summary>False where the credential is registered already.</summary>
    bool Add(Passkey passkey);

    Passkey? Find(string credentialId);

    /// <summary>The actor's, oldest first.</summary>
    IReadOnlyList<Passkey> Of(ActorOmni omni);

    /// <summary>
    /// Notes a use. False where the counter is no longer <paramref name="seen"/>: another use came first, or the passkey
    /// was removed.
    /// </summary>
    bool TryUse(string credentialId, uint seen, uint counter, DateTimeOffset at);

    /// <summary>False where the actor has no such passkey.</summary>
    bool Remove(ActorOmni omni, string credentialId);
}
