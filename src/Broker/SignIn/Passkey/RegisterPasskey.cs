using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.Http;
using Broker.Identity;
using Broker.Ledger;
using Broker.Ledger.Refusals;
using Broker.Ledger.Writing;
using Broker.LedgerHosting;
using Broker.Refusals;

namespace Broker.SignIn.Passkey;

/// <summary>Registers passkeys. Whatever registers one comes here: the routes, and the broker's own page.</summary>
internal sealed class RegisterPasskey(
    PasskeyLimit limit, DiskReserve disk, PasskeyVerifier verifier, IPasskeyStore passkeys, ICeremonies ceremonies,
    ReleaseLedger ledger, IdentityOptions identities, TimeProvider time)
{
    /// <summary>The most that an actor may have.</summary>
    public const int Most = 20;

    /// <summary>A challenge to make a passkey for.</summary>
    public Result<StartPasskeyRegistrationAnswer> Start(Attempt attempt, PasskeyOwner owner)
    {
        if (limit.Take(ClientAddress.Of(attempt.Request.HttpContext)) is { } tooMany) return tooMany;
        if (disk.IsReached) return LedgerRefusals.DiskIsNearlyFull();
        var (omni, wallet) = (owner.Omni, owner.Wallet);
        var known = omni is { } actor ? passkeys.Of(actor) : [];
        if (known.Count >= Most)
        {
            return new Refusal(
                PasskeyRefusals.TooManyPasskeys, $"this actor has {Most} passkeys, and may not have more");
        }

        var handle = omni is { } existing ? HandleOf(existing) : RandomNumberGenerator.GetBytes(32);
        var account = wallet?.ToString() ?? omni?.ToString() ?? "new account";
        var asked = verifier.NewRegistration(handle, account, known);
        ceremonies.Add(new Ceremony(
            Sha256Digest.Of(asked.Challenge), IsRegistration: true, handle, omni, wallet,
            time.GetUtcNow() + Ceremony.Lifetime));
        return new StartPasskeyRegistrationAnswer(
            Base64Url.EncodeToString(asked.Challenge), omni?.ToString() ?? "", (int)Ceremony.Lifetime.TotalSeconds,
            JsonNode.Parse(asked.ToJson())!);
    }

    /// <summary>
    /// Keeps the passkey that the request's body brings. The challenge is taken first, so any failed attempt burns it;
    /// the registration is on record before the passkey counts.
    /// </summary>
    public async ValueTask<Result<VerifyPasskeyRegistrationAnswer>> FinishAsync(
        Attempt attempt, PasskeyOwner owner, CancellationToken stop)
    {
        var read = await VerifyPasskeyRegistrationRequest.ReadAsync(attempt.Request, stop);
        if (read.Refusal is { } unreadable) return unreadable;

        // Which challenge is answered? It is spent, whatever comes of it.
        var attestation = read.Value.Attestation.Decode();
        var challenge = ClientData.ChallengeOf(attestation.ClientDataJson);
        if (challenge is null
            || ceremonies.Take(Sha256Digest.Of(challenge), isRegistration: true) is not { } ceremony
            || ceremony.Omni != owner.Omni)
        {
            return new Refusal(
                PasskeyRefusals.InvalidRegistration,
                "the challenge is not one of this caller's, was used already, or has expired");
        }

        var made = await verifier.CheckAsync(attestation, challenge, ceremony.UserHandle!, stop);
        if (made.Refusal is { } wrong) return wrong;

        // An actor that begins with a passkey is named by it (contract §7.1).
        var id = attestation.CredentialId;
        var passkey = new Passkey(
            id, ceremony.UserHandle!, ceremony.Omni ?? ActorOmni.Of(identities.ClientId, IdentityType.Passkey, id),
            ceremony.Wallet, made.Value.PublicKey, made.Value.SignCount, read.Value.Label?.Trim() ?? "passkey",
            time.GetUtcNow(), null);
        if (passkeys.Find(id) is not null) return KnownAlready();

        // On record, then kept.
        var entry = PasskeyChange.Registered(passkey, attempt.Bearer?.Hash, attempt.RequestId);
        var receipt = await ledger.AppendAsync(entry, CancellationToken.None);
        return passkeys.Add(passkey)
            ? new VerifyPasskeyRegistrationAnswer(
                id, passkey.Omni.ToString(), passkey.Label, passkey.CreatedAt.ToUnixTimeSeconds(),
                receipt.RecordId.ToString())
            : KnownAlready();
    }

    // The same for all passkeys of an actor, so that an authenticator replaces its own; it tells nothing of a person.
    private static byte[] HandleOf(ActorOmni omni) =>
        SHA256.HashData(Encoding.UTF8.GetBytes($"agentkeys passkey user\n{omni}"));

    private static Refusal KnownAlready() =>
        new(PasskeyRefusals.InvalidRegistration, "the credential is registered already");
}
