using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.Http;
using Broker.Identity;
using Broker.Ledger;
using Broker.Refusals;
using Broker.Sessions;
using Broker.SignIn.Methods;

namespace Broker.SignIn.Passkey;

/// <summary>For whom a passkey is to act. Without an actor it is a new one, which the passkey itself will name.</summary>
internal readonly record struct PasskeyOwner(ActorOmni? Omni, EthereumAddress? Wallet);

/// <summary>Finds out whose passkeys a request is about. Programs have none: a person must be there to touch one.</summary>
internal sealed class PasskeyOwners(Callers callers)
{
    /// <summary>The session's actor; nobody yet where the request has no bearer.</summary>
    public Result<PasskeyOwner> Of(Attempt attempt)
    {
        if (attempt.Request.Headers.Authorization.Count == 0) return default(PasskeyOwner);
        var known = OfSession(attempt);
        return known.Refusal is { } refusal ? refusal : known.Value;
    }

    /// <summary>The session's actor. Only a session's holder has passkeys, not a legacy bearer's.</summary>
    public Result<PasskeyOwner> OfSession(Attempt attempt)
    {
        var bearer = BearerToken.Of(attempt.Request);
        if (bearer.Refusal is { } missing) return missing;
        attempt.Know(bearer.Value);
        var session = callers.Session(bearer.Value);
        if (session.Refusal is { } unknown) return unknown;

        var identity = session.Value.Identity;
        attempt.Know(identity.Omni);
        if (identity.Derivation is not null)
        {
            return new Refusal(
                PasskeyRefusals.NotForPrograms, "a session that was exchanged for another cannot have passkeys");
        }

        return identity.Type is IdentityType.Evm or IdentityType.Email or IdentityType.Passkey
            or SignInMethod.Google or SignInMethod.Oidc
            ? new PasskeyOwner(identity.Omni, identity.Wallet)
            : new Refusal(PasskeyRefusals.NotForPrograms, $"a session of type {identity.Type} cannot have passkeys");
    }
}
