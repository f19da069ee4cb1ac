using System.Text.Json;
using System.Text.Json.Serialization;
using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.Http;
using Broker.Identity;
using Broker.Ledger;
using Broker.Storage;
using Dapper;

namespace Broker.Releases;

/// <summary>Where the request ids of signed requests are remembered while they could be sent again.</summary>
internal interface ISignedRequestStore
{
    /// <summary>False when this actor used the id before. Durable when it returns.</summary>
    bool TryUse(ActorOmni actor, string requestId, DateTimeOffset until);

    /// <summary>True when this actor used the id before.</summary>
    bool IsUsed(ActorOmni actor, string requestId);
}

/// <summary>A signed request whose signature holds.</summary>
/// <param name="RequestId">Good once for its actor.</param>
/// <param name="Hash">Of what was signed.</param>
/// <param name="Service">The intent's; it may be empty.</param>
/// <param name="Signer">The session's own wallet.</param>
internal sealed record SignedRequest(string RequestId, Sha256Digest Hash, string Service, EthereumAddress Signer);

/// <summary><c>intent</c> of the signed form: what the wallet's owner saw and signed.</summary>
internal sealed record MintIntent(
    [property: JsonPropertyName("agent_id")] string AgentId,
    [property: JsonPropertyName("service")] string Service,
    [property: JsonPropertyName("scope_path")] string ScopePath);

/// <summary><c>auth</c> of the signed form: the address, and r‖s‖v as <c>0x</c> and 130 hex digits.</summary>
internal sealed record MintSignature(
    [property: JsonPropertyName("address")] string Address,
    [property: JsonPropertyName("signature")] string Signature);

/// <summary>
/// The signed form of a mint (contract §2.8): <c>request_id</c>, <c>issued_at</c>, <c>intent</c> and <c>auth</c>.
/// Signed, as an EIP-191 message, is the body without <c>auth.signature</c> in RFC 8785 form.
/// </summary>
internal sealed class SignedMint(ISignedRequestStore used, IdentityOptions options, TimeProvider time)
{
    private static readonly string[] Members = ["request_id", "issued_at", "intent", "auth"];
    private static readonly TimeSpan Freshness = TimeSpan.FromMinutes(5);

    /// <summary>True when any member of the signed form is there.</summary>
    public static bool IsSigned(JsonElement body) => Members.Any(member => body.TryGetProperty(member, out _));

    /// <summary>The signature, its time, and that the request id is new. Uses nothing up.</summary>
    public Result<SignedRequest> Check(JsonElement body, VerifiedCaller caller)
    {
        var read = SignedForm.Of(body).CheckedBy(SignedFormValidator.Instance);
        if (read.Refusal is { } wrong) return wrong;
        var (requestId, address) = (read.Value.RequestId!, EthereumAddress.Parse(read.Value.Auth!.Address!));
        var issuedAt = SignedForm.TimeOf(read.Value.IssuedAt)!.Value;
        var signature = WalletSignature.Parse(read.Value.Auth.Signature!);
        if (signature.Refusal is { } malformed) return malformed with { Detail = $"auth.{malformed.Detail}" };

        // The signature first: nothing of an unproven body is believed, its time and id included.
        if (!Rfc8785.TryCanonicalize(body, out var canonical, out var fault, "auth", "signature"))
            return Wrong($"a signed body must have an RFC 8785 form: {fault}");
        if (signature.Value.SignerOf(canonical) != address)
            return new Refusal(IdentityRefusals.SignatureMismatch, "the signature is not that of auth.address");
        if (caller.Wallet is not { } wallet)
            return new Refusal(ReleaseRefusals.ActorHasNoWallet, "the session has no wallet that could sign");
        if (address != wallet)
            return new Refusal(ReleaseRefusals.SignedByAnotherWallet, "auth.address is not the session's wallet");

        var now = time.GetUtcNow();
        if (issuedAt < now - Freshness || issuedAt > now + options.ClockSkew)
        {
            return new Refusal(ReleaseRefusals.SignedRequestExpired,
                "expired: issued_at is more than 5 minutes old, or ahead of our clock");
        }

        return used.IsUsed(caller.Actor, requestId)
            ? UsedBefore()
            : new SignedRequest(requestId, Sha256Digest.Of(canonical), read.Value.Intent!.Service!, address);
    }

    /// <summary>Uses the request id up; a refusal when another request was faster.</summary>
    public Refusal? Use(SignedRequest signed, VerifiedCaller caller) =>
        used.TryUse(caller.Actor, signed.RequestId, time.GetUtcNow() + Freshness + Freshness) ? null : UsedBefore();

    private static Refusal UsedBefore() => new(ReleaseRefusals.SignedRequestReplayed, "request_id was used before");

    private static Refusal Wrong(string why) => new(HttpRefusals.InvalidField, why);
}

internal sealed class SqliteSignedRequestStore(StateDatabase database) : ISignedRequestStore
{
    public bool IsUsed(ActorOmni actor, string requestId)
    {
        using var connection = database.Connect();
        return connection.ExecuteScalar<long>(
            "SELECT count(*) FROM signed_requests WHERE actor_omni = @Actor AND request_id = @RequestId",
            new { Actor = actor.ToString(), RequestId = requestId }) > 0;
    }

    public bool TryUse(ActorOmni actor, string requestId, DateTimeOffset until)
    {
        using var connection = database.Connect();
        return connection.Execute(
            "INSERT INTO signed_requests (actor_omni, request_id, expires_at) VALUES (@Actor, @RequestId, @Until) "
            + "ON CONFLICT DO NOTHING",
            new { Actor = actor.ToString(), RequestId = requestId, Until = until.ToUnixTimeSeconds() }) == 1;
    }
}
