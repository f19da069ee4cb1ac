using System.Buffers.Text;
using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.Identity;
using Broker.Refusals;
using Broker.Sessions;
using Broker.SignIn.Methods;

namespace Broker.SignIn.Passkey;

/// <summary>
/// From a signed challenge to an identity that may have a session. An unknown passkey, another account's and a spent
/// challenge are refused alike.
/// </summary>
internal sealed class ProvePasskey(
    ICeremonies ceremonies, IPasskeyStore passkeys, PasskeyVerifier verifier, SignInMetrics metrics,
    TimeProvider time)
{
    /// <summary>What proved the identity, for the ledger.</summary>
    public const string How = SignInMethod.Passkey;

    public async Task<Result<SessionIdentity>> RunAsync(
        VerifyPasskeySignInRequest request, Attempt attempt, CancellationToken stop)
    {
        var checkedPasskey = await CheckAsync(request, stop);
        metrics.Count(How, checkedPasskey.Refusal);
        if (checkedPasskey.Refusal is { } unproven) return unproven;
        var passkey = checkedPasskey.Value;
        attempt.Know(passkey.Omni);
        return new SessionIdentity(passkey.Omni, passkey.Wallet, IdentityType.Passkey, passkey.CredentialId);
    }

    private async Task<Result<Passkey>> CheckAsync(VerifyPasskeySignInRequest request, CancellationToken stop)
    {
        var challenge = Base64Url.DecodeFromChars(request.Challenge);
        var ceremony = ceremonies.Take(Sha256Digest.Of(challenge), isRegistration: false);
        var passkey = passkeys.Find(request.Assertion.CredentialId);
        if (ceremony is null || passkey is null || (ceremony.Omni ?? passkey.Omni) != passkey.Omni)
        {
            return new Refusal(PasskeyRefusals.InvalidAssertion,
                "the challenge was used or has expired, or the passkey is not one of this account");
        }

        var counter = await verifier.CheckAsync(request.Assertion.Decode(), challenge, passkey, stop);
        if (counter.Refusal is { } wrong) return wrong;

        // Of two uses at once with the same counter the second is as one that went back.
        return passkeys.TryUse(passkey.CredentialId, passkey.Counter, counter.Value, time.GetUtcNow())
            ? passkey
            : new Refusal(PasskeyRefusals.CounterWentBack, "the passkey was used or removed at the same time");
    }
}
