using System.Text;
using Broker.Cryptography;

namespace Broker.Ledger;

/// <summary>
/// An actor's identity: 64 lower-case hex digits, the SHA-256 of client id ‖ identity type ‖ identity value in UTF-8,
/// joined without separators (contract §7.1). Its S3 prefix is <c>bots/&lt;omni&gt;/</c>.
/// </summary>
public readonly record struct ActorOmni
{
    private readonly Sha256Digest _digest;

    private ActorOmni(Sha256Digest digest) => _digest = digest;

    public static ActorOmni Of(string clientId, string identityType, string normalisedValue) =>
        new(Sha256Digest.Of(clientId + identityType + normalisedValue));

    /// <summary>
    /// The child of an actor: SHA-256 of <c>agentkeys-hdkd-v1</c> ‖ 32 parent bytes ‖ <c>//</c> ‖ label (contract
    /// §7.1).
    /// </summary>
    public ActorOmni Child(string label) => new(Sha256Digest.Of(
        [
            .. "agentkeys-hdkd-v1"u8, .. Convert.FromHexString(ToString()),
            .. "//"u8, .. Encoding.UTF8.GetBytes(label),
        ]));

    /// <summary>Reads the text form; upper-case digits are refused.</summary>
    public static bool TryParse(string? text, out ActorOmni omni)
    {
        omni = default;
        if (!Sha256Digest.TryParse(text, out var digest)) return false;
        omni = new ActorOmni(digest);
        return true;
    }

    /// <summary>Reads a text of ours.</summary>
    /// <exception cref="FormatException">It is not of that form.</exception>
    public static ActorOmni Parse(string text) =>
        TryParse(text, out var omni) ? omni : throw new FormatException("an omni is 64 lower-case hex digits");

    /// <exception cref="InvalidOperationException">It was never set.</exception>
    public override string ToString() => _digest.ToString();
}
