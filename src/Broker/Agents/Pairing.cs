using Broker.Identity;
using Broker.Ledger;

namespace Broker.Agents;

/// <summary>What a master gives an agent: a label, which makes the agent's omni, and a scope.</summary>
/// <param name="Scope">On record, for clients and workers.</param>
internal sealed record AgentPlace(ActorOmni Operator, string Label, string Scope)
{
    /// <summary>
    /// The agent's omni: the rule of contract §7.1 in the form that its vectors are in, without a generation. A label
    /// that is claimed again names the same agent on another device.
    /// </summary>
    public ActorOmni Child { get; } = Operator.Child(Label);

    public string DerivationPath => $"//{Label}";

    public static bool IsLabel(string text) =>
        text.Length is > 0 and <= 32 && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    public static bool IsScope(string text) => text.Length <= 256 && !text.Any(char.IsControl);
}

/// <summary>
/// A device on its way to being an agent: open, claimed by a master, its session fetched once, bound or declined.
/// </summary>
/// <param name="PopSignature">The device's proof, which the master checks again and takes to the chain.</param>
/// <param name="Place">Null until a master has claimed it.</param>
internal sealed record Pairing(string RequestId, DeviceKey Device, string PopSignature, AgentPlace? Place)
{
    /// <summary>True once the claim is on record; before that nobody gets anything for it.</summary>
    public bool IsConfirmed { get; init; }

    /// <summary>Null until the session was fetched.</summary>
    public DateTimeOffset? MintedAt { get; init; }

    public DateTimeOffset? DeclinedAt { get; init; }

    /// <summary>Until when what is open may be claimed, and what is claimed may be fetched.</summary>
    public DateTimeOffset Until { get; init; }

    /// <summary>Of the session that was fetched: its <c>jti</c>, and when it ends.</summary>
    public (string TokenId, DateTimeOffset ValidUntil)? Session { get; init; }


}
