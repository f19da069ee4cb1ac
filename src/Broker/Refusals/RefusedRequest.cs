using Broker.Cryptography;
using Broker.Identity;
using Broker.Ledger;

namespace Broker.Refusals;

/// <summary>What was asked for when it was refused: enough for the ledger's row.</summary>
/// <param name="RequestedRole">A role's ARN, or <c>oidc_jwt</c>, or <c>session_jwt</c>.</param>
internal sealed record RefusedRequest(EntryKind Kind, string RequestedRole)
{
    /// <summary>Null until a bearer was read.</summary>
    public Sha256Digest? Bearer { get; init; }

    /// <summary>Known once the caller is authenticated.</summary>
    public VerifiedCaller? Caller { get; init; }

    /// <summary>Known once it is decided what would be released.</summary>
    public EntrySession Session { get; init; }
}
