using System.Text.Json;
using Broker.Cryptography;
using Broker.Ledger;

namespace Broker.Identity;

/// <summary>
/// An agent that acts for its master: the claim <c>act</c> (RFC 8693 §4.1). The master stays the subject; the agent is
/// whose path policy and grants decide.
/// </summary>
/// <param name="DerivationPath">Under the master, who is the token's subject.</param>
/// <param name="Device">The address that grants of the master name.</param>
/// <param name="Before">Who acted before it; null for the first.</param>
internal sealed record ActingAgent(
    ActorOmni Omni, string DerivationPath, EthereumAddress Device, ActingAgent? Before)
{
    /// <summary>More agents than this do not act one after another.</summary>
    public const int MostInLine = 4;

    /// <summary>The <c>sub</c> that the agent's own tokens have.</summary>
    public string Subject => $"agentkeys:agent:{Omni}";

    /// <summary>This agent, and those that acted before it.</summary>
    public IEnumerable<ActingAgent> Line
    {
        get
        {
            for (var one = this; one is not null; one = one.Before) yield return one;
        }
    }

    /// <summary>The claim for whoever relies on a token: subjects alone.</summary>
    public void Write(Utf8JsonWriter json) => Write(json, isOwn: false);

    /// <summary>The claim of a session token, from which <see cref="Read"/> makes the agent again.</summary>
    public void WriteOwn(Utf8JsonWriter json) => Write(json, isOwn: true);

    /// <summary>Null where the claim is not one of ours.</summary>
    public static ActingAgent? Read(JsonElement act, int inLine = 1)
    {
        if (act.ValueKind != JsonValueKind.Object || inLine > MostInLine
            || !ActorOmni.TryParse(Text(act, "omni_account"), out var omni)
            || Text(act, "derivation_path") is not { Length: > 0 } path
            || !EthereumAddress.TryParse(Text(act, "device_pubkey"), out var device))
            return null;
        if (!act.TryGetProperty("act", out var inner)) return new ActingAgent(omni, path, device, null);
        return Read(inner, inLine + 1) is { } before ? new ActingAgent(omni, path, device, before) : null;
    }

    private void Write(Utf8JsonWriter json, bool isOwn)
    {
        json.WriteStartObject("act"u8);
        json.WriteString("sub"u8, Subject);
        if (isOwn)
        {
            json.WriteString("omni_account"u8, Omni.ToString());
            json.WriteString("derivation_path"u8, DerivationPath);
            json.WriteString("device_pubkey"u8, Device.ToString());
        }

        Before?.Write(json, isOwn);
        json.WriteEndObject();
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
