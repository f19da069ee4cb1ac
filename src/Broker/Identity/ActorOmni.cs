using System.Security.Cryptography;
using System.Text;
using Broker.Cryptography;

namespace Broker.Identity;

/// <summary>
/// An actor's identity: 64 lower-case hex digits, the SHA-256 of client id ‖ identity type ‖ identity value in UTF-8,
/// joined without separators (contract §7.1). Its S3 prefix is <c>bots/&lt;omni&gt;/</c>.
/// </summary>
internal readonly record struct ActorOmni
{
    private readonly string? _hex;

    private ActorOmni(string hex) => _hex = hex;

    public static ActorOmni Of(string clientId, string identityType, string normalisedValue) =>
        new(Convert.ToHexStringLower(
            SHA256.HashData(Encoding.UTF8.GetBytes(clientId + identityType + normalisedValue))));

    /// <summary>The actor of a wallet: identity type <c>evm</c>, the address in lower case with <c>0x</c>.</summary>
    public static ActorOmni OfWallet(string clientId, EthereumAddress wallet) =>
        Of(clientId, IdentityType.Evm, wallet.ToString());

    /// <summary>
    /// The child of an actor: SHA-256 of <c>agentkeys-hdkd-v1</c> ‖ 32 parent bytes ‖ <c>//</c> ‖ label (contract
    /// §7.1).
    /// </summary>
    public ActorOmni Child(string label) => new(Convert.ToHexStringLower(SHA256.HashData(
        [
            .. "agentkeys-hdkd-v1"u8, .. Convert.FromHexString(ToString()),
            .. "//"u8, .. Encoding.UTF8.GetBytes(label),
        ])));

    public static bool TryParse(string? text, out ActorOmni omni)
    {
        omni = default;
        if (text is not { Length: 64 } || !Hex.IsLowerCase(text)) return false;
        omni = new ActorOmni(text);
        return true;
    }

    public override string ToString() =>
        _hex ?? throw new InvalidOperationException("internal error: an actor omni was used before it was set");
}

/// <summary>How an identity was proven (contract §7.1).</summary>
internal static class IdentityType
{
    public const string Evm = "evm";

    /// <summary>A program that signed as an OAuth client; the value is its <c>client_id</c>.</summary>
    public const string OAuthClient = "oauth_client";
}
