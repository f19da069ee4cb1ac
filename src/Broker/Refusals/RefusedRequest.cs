using Broker.Identity;
using Broker.Ledger;

namespace Broker.Refusals;

/// <summary>What was asked for when it was refused: enough for the ledger's row.</summary>
/// <param name="Kind">One of <see cref="LedgerKind"/>.</param>
/// <param name="RequestedRole">A role's ARN, or <c>oidc_jwt</c>, or <c>session_jwt</c>.</param>
internal sealed record RefusedRequest(string Kind, string RequestedRole)
{
    public string BearerHash { get; init; } = "";

    /// <summary>Known once the caller is authenticated.</summary>
    public VerifiedCaller? Caller { get; init; }

    public string SessionName { get; init; } = "(unauthenticated)";
}
