using Broker.Cryptography;

namespace Broker.OAuth.Delegations;

/// <summary>Where delegations and their refresh tokens are kept; whatever changes one is durable when the call returns.</summary>
internal interface IDelegationStore
{
    void Add(Delegation delegation);

    /// <summary>Null where there is none, or it was ended.</summary>
    Delegation? Find(string id);

    /// <summary>Whose refresh token it is; null where it is nobody's. Takes nothing, and finds what was ended too.</summary>
    Delegation? FindByRefreshToken(Sha256Digest token);

    /// <param name="key">The thumbprint of the key that goes with it; null where none does.</param>
    void AddRefreshToken(string delegation, Sha256Digest token, string? key);

    /// <summary>The key that goes with it; null where none does.</summary>
    string? KeyOfRefreshToken(Sha256Digest token);

    /// <summary>True for the first who takes it, while its delegation lasts. Every later one gets false.</summary>
    bool TakeRefreshToken(Sha256Digest token);

    /// <summary>It was taken, and nothing came of it.</summary>
    void GiveBackRefreshToken(Sha256Digest token);

    /// <summary>False where the delegation was ended in the meantime.</summary>
    bool AddSession(string delegation, DelegatedSession session);

    /// <summary>Ends it; gives the sessions that it has now. None where it was ended before.</summary>
    IReadOnlyList<DelegatedSession> End(string id);
}
