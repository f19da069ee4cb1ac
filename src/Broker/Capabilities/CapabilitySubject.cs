using Broker.Foundation.Results;
using Broker.Http;
using Broker.Ledger;

namespace Broker.Capabilities;

/// <summary>Whom a capability is about: what gates know facts of, at mint and at each use.</summary>
/// <param name="DeviceKeyHash"><c>0x</c> and 64 lower-case hex digits.</param>
/// <param name="Service">In lower case.</param>
internal sealed record CapabilitySubject(
    ActorOmni Operator, ActorOmni Actor, string DeviceKeyHash, string Service)
{
    private const int LongestService = 64;

    /// <summary>A master acts for itself.</summary>
    public bool IsMasterItself => Operator == Actor;

    /// <summary>Reads the four texts as a request or a payload has them (contract §2.17).</summary>
    public static Result<CapabilitySubject> Read(string master, string actor, string deviceKeyHash, string service)
    {
        if (OmniOf(master) is not { } operatorOmni) return Wrong("operator_omni must be 0x and 64 hex digits");
        if (OmniOf(actor) is not { } actorOmni) return Wrong("actor_omni must be 0x and 64 hex digits");
        if (OmniOf(deviceKeyHash) is not { } device) return Wrong("device_key_hash must be 0x and 64 hex digits");
        return ServiceOf(service) is { } name
            ? new CapabilitySubject(operatorOmni, actorOmni, $"0x{device}", name)
            : Wrong($"service must be 1 to {LongestService} printable ASCII characters, none of * ? / \\ and no ..");
    }

    private static ActorOmni? OmniOf(string text) =>
        text.StartsWith("0x", StringComparison.Ordinal)
        && ActorOmni.TryParse(text[2..].ToLowerInvariant(), out var omni)
            ? omni
            : null;

    private static string? ServiceOf(string text)
    {
        var service = text.Trim().ToLowerInvariant();
        return service.Length is > 0 and <= LongestService && !service.AsSpan().ContainsAnyExceptInRange('!', '~')
            && !service.AsSpan().ContainsAny("*?/\\") && !service.Contains("..", StringComparison.Ordinal)
            ? service
            : null;
    }

    private static Refusal Wrong(string why) => new(HttpRefusals.InvalidField, why);
}
