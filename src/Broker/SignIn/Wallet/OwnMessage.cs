using Broker.Cryptography;

namespace Broker.SignIn.Wallet;

/// <summary>
/// Whether the messages that we hand out would be EIP-4361 messages: two settings stand in them as they are, and
/// wallets refuse to sign what the grammar does not allow. Asked at boot, of the very parser that reads such messages.
/// </summary>
internal static class OwnMessage
{
    private const string AnyIssuer = "https://broker.example";
    private const string AnyClient = "agentkeys";

    /// <summary>Null when messages with this client id are valid; otherwise why not, and what would do.</summary>
    public static string? FaultOfClientId(string clientId) => IsValid(AnyIssuer, clientId)
        ? null
        : "would make every sign-in message invalid: only letters, digits, percent-encoded bytes and "
            + $"-._~!$&()*+,;=:@/? may stand in a URI (RFC 3986); percent-encoded it is {Uri.EscapeDataString(clientId)}";

    /// <summary>Null when messages of this issuer are valid; otherwise why not, and what would do.</summary>
    public static string? FaultOfIssuer(string issuer)
    {
        if (IsValid(issuer, AnyClient)) return null;
        const string Why = "would make every sign-in message invalid: it is not a URI (RFC 3986)";
        return Uri.TryCreate(issuer, UriKind.Absolute, out var url) && Suggestion(url) is { } valid
            ? $"{Why}; written as one it is {valid}"
            : Why;
    }

    /// <summary>The host in its <c>xn--</c> form and the path percent-encoded; null when that is not a URI either.</summary>
    private static string? Suggestion(Uri issuer)
    {
        var port = issuer.IsDefaultPort ? "" : $":{issuer.Port}";
        var path = issuer.AbsolutePath == "/" ? "" : issuer.AbsolutePath;
        var valid = $"{issuer.Scheme}://{issuer.IdnHost}{port}{path}";
        return IsValid(valid, AnyClient) ? valid : null;
    }

    private static bool IsValid(string issuer, string clientId)
    {
        if (!Uri.TryCreate(issuer, UriKind.Absolute, out var url)) return false;
        var message = SiweMessage.ForSignIn(
            url, default(EthereumAddress), chainId: 1, nonce: "00000000", DateTimeOffset.UnixEpoch,
            TimeSpan.FromMinutes(1), clientId);
        var parsed = SiweParser.Parse(message.Format()).Message;
        return parsed?.Uri == issuer && parsed.Resources is [var only] && only == ClientResource.Of(clientId);
    }
}
