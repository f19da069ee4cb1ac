using System.Text.Json.Serialization;
using Broker.Foundation.Results;
using Broker.Http;
using Broker.Ledger;

namespace Broker.Capabilities;

/// <summary>Body of <c>POST /v1/cap/…</c> (contract §2.17); <c>data_class</c> is <c>classify</c>'s.</summary>
internal sealed record CapabilityBody(
    [property: JsonPropertyName("operator_omni"), JsonRequired] string Operator,
    [property: JsonPropertyName("actor_omni"), JsonRequired] string Actor,
    [property: JsonPropertyName("device_key_hash"), JsonRequired] string DeviceKeyHash,
    [property: JsonPropertyName("service"), JsonRequired] string Service,
    [property: JsonPropertyName("ttl_seconds")] long? LifetimeSeconds = null,
    [property: JsonPropertyName("data_class")] string? DataClass = null,
    [property: JsonPropertyName("client_sig")] string? ClientSignature = null,
    [property: JsonPropertyName("client_nonce")] string? ClientNonce = null,
    [property: JsonPropertyName("client_ts")] long? ClientTime = null);

/// <summary>The device's proof that it asks for this very capability.</summary>
internal sealed record CapabilityProof(string Signature, string Nonce, long Time);

/// <summary>A capability as it is wanted, read and in its normal form.</summary>
/// <param name="DeviceKeyHash"><c>0x</c> and 64 lower-case hex digits.</param>
/// <param name="Service">In lower case.</param>
/// <param name="Proof">Null where none came.</param>
internal sealed record CapabilityWish(
    CapabilityRoute Route, ActorOmni Operator, ActorOmni Actor, string DeviceKeyHash, string Service,
    string DataClass, TimeSpan Lifetime, CapabilityProof? Proof)
{
    private const int LongestNonce = 128;
    private const long UsualSeconds = 300;

    public CapabilitySubject Subject => new(Operator, Actor, DeviceKeyHash, Service);

    public static Result<CapabilityWish> Read(CapabilityRoute route, CapabilityBody body)
    {
        var subject = CapabilitySubject.Read(body.Operator, body.Actor, body.DeviceKeyHash, body.Service);
        if (subject.Refusal is { } malformed) return malformed;
        var dataClass = route.DataClass ?? body.DataClass;
        if (dataClass is null || !CapabilityRoute.DataClasses.Contains(dataClass, StringComparer.Ordinal))
            return Wrong($"data_class must be one of {string.Join(", ", CapabilityRoute.DataClasses)}");
        var proof = ProofOf(body);
        if (proof.Refusal is { } halfProven) return halfProven;

        // Whatever was asked for, a capability lives one to thirty minutes.
        var seconds = Math.Clamp(body.LifetimeSeconds ?? UsualSeconds, 60, 1800);
        return new CapabilityWish(
            route, subject.Value.Operator, subject.Value.Actor, subject.Value.DeviceKeyHash, subject.Value.Service,
            dataClass, TimeSpan.FromSeconds(seconds),
            proof.Value.Signature.Length == 0 ? null : proof.Value);
    }

    private static Result<CapabilityProof> ProofOf(CapabilityBody body) => body switch
    {
        { ClientSignature: null, ClientNonce: null, ClientTime: null } => new CapabilityProof("", "", 0),
        { ClientSignature: { Length: > 0 } signature, ClientNonce: { } nonce, ClientTime: { } time } =>
            nonce.Length is > 0 and <= LongestNonce && !nonce.AsSpan().ContainsAnyExceptInRange('!', '~')
                && !nonce.Contains(':')
                ? new CapabilityProof(signature, nonce, time)
                : Wrong($"client_nonce must be 1 to {LongestNonce} printable ASCII characters without : or spaces"),
        _ => Wrong("client_sig, client_nonce and client_ts go together"),
    };

    private static Refusal Wrong(string why) => new(HttpRefusals.InvalidField, why);
}
