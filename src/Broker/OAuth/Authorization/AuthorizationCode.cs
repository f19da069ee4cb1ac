using Broker.Cryptography;

namespace Broker.OAuth.Authorization;

/// <summary>A code that a client fetches its tokens with, once and soon. Only its SHA-256 is kept.</summary>
internal sealed record AuthorizationCode(
    Sha256Digest Code, string ClientId, string RedirectUri, string Challenge, string DelegationId, string? Key)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);
}

/// <summary>Where codes are kept; whatever changes one is durable when the call returns.</summary>
internal interface ICodeStore
{
    void Add(AuthorizationCode code);

    /// <summary>Null where there is none. Finds those that were used or are past, too.</summary>
    AuthorizationCode? Find(Sha256Digest code);

    /// <summary>True for the first who takes it in time.</summary>
    bool Take(Sha256Digest code);

    /// <summary>It was taken, and nothing came of it.</summary>
    void GiveBack(Sha256Digest code);
}
