using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json.Serialization;
using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.Identity;
using Broker.Sessions;
using Broker.SigningKeys;

namespace Broker.Capabilities;

/// <summary>A capability as its holder sends it: the answer of <c>POST /v1/cap/…</c>, unchanged.</summary>
internal sealed record PresentedCapability(
    [property: JsonPropertyName("payload"), JsonRequired] CapabilityPayload Payload,
    [property: JsonPropertyName("broker_sig"), JsonRequired] string Signature,
    [property: JsonPropertyName("client_sig")] string? ClientSignature = null,
    [property: JsonPropertyName("client_nonce")] string? ClientNonce = null,
    [property: JsonPropertyName("client_ts")] long? ClientTime = null);

/// <summary>A capability that holds now. Only <see cref="CapabilityCheck"/> makes one.</summary>
internal sealed class VerifiedCapability
{
    internal VerifiedCapability(CapabilityPayload payload, CapabilitySubject subject)
    {
        (Payload, Subject) = (payload, subject);
        var until = DateTimeOffset.FromUnixTimeSeconds(payload.ExpiresAt);
        Caller = Callers.OfCapability(subject.Actor, Sha256Digest.Of(payload.ToBytes().Span), until);
    }

    public CapabilityPayload Payload { get; }

    public CapabilitySubject Subject { get; }

    /// <summary>The actor; its bearer's hash is that of the payload.</summary>
    public VerifiedCaller Caller { get; }
}

/// <summary>
/// What a worker checks before it does anything (contract §11.5): the broker's signature, the times, that the
/// capability is for this route, the device's proof where <c>AGENTKEYS_WORKER_REQUIRE_CAP_POP</c> asks for it, and then
/// the gates, which are those of the mint: a device that was revoked since, a scope that was taken away and another key
/// epoch end a capability at once.
/// </summary>
internal sealed class CapabilityCheck(
    ISessionVerifier sessionKey, ICapabilityGates gates, CapabilityCheckOptions options, TimeProvider time)
{
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(60);

    /// <param name="op">What the route does; null where it is for the holder of any capability.</param>
    /// <param name="dataClass">Null likewise.</param>
    public async ValueTask<Result<VerifiedCapability>> RunAsync(
        PresentedCapability presented, string? op, string? dataClass)
    {
        // 1. Is it the broker's, whole, and good at this time?
        var payload = presented.Payload;
        var subject = CapabilitySubject.Read(
            payload.Operator, payload.Actor, payload.DeviceKeyHash, payload.Service);
        if (subject.Refusal is { } malformed) return malformed;
        if (!IsSigned(presented))
        {
            return new Refusal(
                CapabilityCheckRefusals.SignatureInvalid, "broker_sig is not this broker's signature of the payload");
        }

        if (CheckTimes(payload) is { } untimely) return untimely;

        // 2. Is it for this?
        if (op is not null && payload.Op != op)
        {
            return new Refusal(
                CapabilityCheckRefusals.OpMismatch, $"the capability is for the op {payload.Op}, not for {op}");
        }

        if (dataClass is not null && payload.DataClass != dataClass)
        {
            return new Refusal(
                CapabilityCheckRefusals.DataClassMismatch,
                $"the capability is for the data class {payload.DataClass}, not for {dataClass}");
        }

        if (options.RequireProof && CheckProof(presented, subject.Value) is { } unproven) return unproven;

        // 3. Do the gates still say so? They end by their own time-outs.
        var facts = await gates.LookAsync(subject.Value, CancellationToken.None);
        if (facts.Refusal is { } unknown)
        {
            return unknown.Code == CapabilityRefusals.ChainRpcError
                ? unknown with { Code = CapabilityCheckRefusals.ChainRpc }
                : unknown;
        }

        if (facts.Value.Judge(subject.Value) is { } denied) return denied;
        return facts.Value.Epoch == payload.Epoch
            ? new VerifiedCapability(payload, subject.Value)
            : new Refusal(
                CapabilityCheckRefusals.EpochMismatch,
                $"the capability is of the key epoch {payload.Epoch}, and it is now {facts.Value.Epoch}");
    }

    private bool IsSigned(PresentedCapability presented)
    {
        Span<byte> signature = stackalloc byte[Es256.SignatureSize];
        if (presented.Signature.Length != Base64Url.GetEncodedLength(Es256.SignatureSize)
            || !Base64Url.IsValid(presented.Signature, out var length) || length != Es256.SignatureSize
            || Base64Url.DecodeFromChars(presented.Signature, signature, out _, out _) != OperationStatus.Done)
            return false;
        return sessionKey.Verify(SHA256.HashData(presented.Payload.ToBytes().Span), signature);
    }

    private Refusal? CheckTimes(CapabilityPayload payload)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        if (payload.ExpiresAt <= now)
            return new Refusal(CapabilityCheckRefusals.Expired, "the capability has expired");
        return payload.IssuedAt > now + (long)Skew.TotalSeconds
            ? new Refusal(CapabilityCheckRefusals.NotYetValid, "the capability was issued ahead of our clock")
            : null;
    }

    private Refusal? CheckProof(PresentedCapability presented, CapabilitySubject subject)
    {
        var proof = presented is { ClientSignature: { } signature, ClientNonce: { } nonce, ClientTime: { } at }
            ? new CapabilityProof(signature, nonce, at)
            : null;
        return CapabilityProofs.Check(
            subject, presented.Payload.Op, presented.Payload.DataClass, proof, time.GetUtcNow());
    }
}

/// <param name="RequireProof">Every capability carries its device's proof.</param>
internal sealed record CapabilityCheckOptions(bool RequireProof);
