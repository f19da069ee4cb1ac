using Broker.Cryptography;
using Broker.Foundation;

namespace Broker.SignIn.Wallet;

/// <summary>
/// Reads a Sign-In with Ethereum message by the grammar of EIP-4361, strictly: what it accepts prints back to the same
/// text, and it never throws, whatever it is given.
/// </summary>
/// <remarks>
/// It departs from the EIP's grammar in four points. An address may be all in lower case, besides carrying its EIP-55
/// checksum, because that is how this server writes it. A chain id has no leading zeros and fits in 64 bits. A time
/// must exist in the calendar. The whole has at most <see cref="LongestMessage"/> characters, all of them ASCII.
/// </remarks>
internal static class SiweParser
{
    public const int LongestMessage = 4096;

    public const string Preamble = " wants you to sign in with your Ethereum account:";
    public const string UriLabel = "URI: ";
    public const string VersionLabel = "Version: ";
    public const string ChainIdLabel = "Chain ID: ";
    public const string NonceLabel = "Nonce: ";
    public const string IssuedAtLabel = "Issued At: ";
    public const string ExpirationTimeLabel = "Expiration Time: ";
    public const string NotBeforeLabel = "Not Before: ";
    public const string RequestIdLabel = "Request ID: ";
    public const string ResourcesLabel = "Resources:";
    public const string ResourceMark = "- ";

    public static SiweParseResult Parse(ReadOnlySpan<char> text)
    {
        if (text.Length > LongestMessage) return SiweRefusals.TooLong;
        var lines = new SiweLines(text);

        // 1. Who asks, for which account, with which words.
        if (!lines.TryTake(out var first) || !first.EndsWith(Preamble, StringComparison.Ordinal))
        {
            return SiweRefusals.Preamble;
        }

        if (ReadOrigin(first[..^Preamble.Length], out var scheme, out var domain) is { } badOrigin) return badOrigin;
        if (!lines.TryTake(out var second) || !TryReadAddress(second, out var address, out var isChecksummed))
        {
            return SiweRefusals.Address;
        }

        if (!TryReadStatement(ref lines, out var statement)) return SiweRefusals.Statement;

        // 2. The five lines that every message has, in this order.
        if (!lines.TryTake(UriLabel, out var uri) || !SiweGrammar.IsUri(uri)) return SiweRefusals.Uri;
        if (!lines.TryTake(VersionLabel, out var version) || version is not SiweMessage.Version)
        {
            return SiweRefusals.Version;
        }

        if (!lines.TryTake(ChainIdLabel, out var chain) || !TryReadChainId(chain, out var chainId))
        {
            return SiweRefusals.ChainId;
        }

        if (!lines.TryTake(NonceLabel, out var nonce) || !SiweGrammar.IsNonce(nonce)) return SiweRefusals.Nonce;
        if (!lines.TryTake(IssuedAtLabel, out var issued) || SiweTime.Parse(issued) is not { } issuedAt)
        {
            return SiweRefusals.IssuedAt;
        }

        // 3. The lines that may be there, in this order.
        if (!TryReadTime(ref lines, ExpirationTimeLabel, out var expirationTime)) return SiweRefusals.ExpirationTime;
        if (!TryReadTime(ref lines, NotBeforeLabel, out var notBefore)) return SiweRefusals.NotBefore;
        var hasRequestId = lines.TryTake(RequestIdLabel, out var requestId);
        if (hasRequestId && !SiweGrammar.IsRequestId(requestId)) return SiweRefusals.RequestId;
        if (!TryReadResources(ref lines, out var resources)) return SiweRefusals.Resources;
        if (!lines.AtEnd) return SiweRefusals.Trailing;

        return new SiweMessage
        {
            Scheme = scheme,
            Domain = domain,
            Address = address,
            AddressIsChecksummed = isChecksummed,
            Statement = statement,
            Uri = uri.ToString(),
            ChainId = chainId,
            Nonce = nonce.ToString(),
            IssuedAt = issuedAt,
            ExpirationTime = expirationTime,
            NotBefore = notBefore,
            RequestId = hasRequestId ? requestId.ToString() : null,
            Resources = resources,
        };
    }

    /// <summary><c>[ scheme "://" ] domain</c>.</summary>
    private static SiweRefusal? ReadOrigin(ReadOnlySpan<char> origin, out string? scheme, out string domain)
    {
        scheme = null;
        domain = "";
        var separator = origin.IndexOf("://");
        if (separator >= 0)
        {
            if (!SiweGrammar.IsScheme(origin[..separator])) return SiweRefusals.Scheme;
            scheme = origin[..separator].ToString();
            origin = origin[(separator + 3)..];
        }

        // An authority may be empty by RFC 3986; a sign-in that names nobody is refused.
        if (origin.IsEmpty || !SiweGrammar.IsAuthority(origin)) return SiweRefusals.Domain;
        domain = origin.ToString();
        return null;
    }

    /// <summary>All upper case is refused here although <see cref="EthereumAddress.TryParse"/> reads it.</summary>
    private static bool TryReadAddress(ReadOnlySpan<char> text, out EthereumAddress address, out bool isChecksummed)
    {
        isChecksummed = false;
        if (!EthereumAddress.TryParse(text, out address)) return false;
        isChecksummed = address.IsChecksummedAs(text);
        return isChecksummed || Hex.IsLowerCase(text[2..]);
    }

    private static bool TryReadStatement(ref SiweLines lines, out string? statement)
    {
        statement = null;
        if (!lines.TryTake(out var blank) || !blank.IsEmpty || !lines.TryTake(out var line)) return false;
        if (line.IsEmpty) return true;
        if (!SiweGrammar.IsStatement(line)) return false;
        statement = line.ToString();
        return lines.TryTake(out blank) && blank.IsEmpty;
    }

    private static bool TryReadChainId(ReadOnlySpan<char> text, out ulong chainId)
    {
        chainId = 0;
        return !(text.Length > 1 && text[0] == '0') && DecimalDigits.TryRead(text, out chainId);
    }

    /// <summary>True with null when the line is not there.</summary>
    private static bool TryReadTime(ref SiweLines lines, string label, out SiweTime? time)
    {
        time = null;
        if (!lines.TryTake(label, out var text)) return true;
        time = SiweTime.Parse(text);
        return time is not null;
    }

    /// <summary>
    /// True with null when the heading is not there. Behind the heading there is nothing but resources.
    /// </summary>
    private static bool TryReadResources(ref SiweLines lines, out List<string>? resources)
    {
        resources = null;
        if (!lines.TryTake(ResourcesLabel, out var heading)) return true;
        if (!heading.IsEmpty) return false;
        resources = [];
        while (!lines.AtEnd)
        {
            if (!lines.TryTake(ResourceMark, out var resource) || !SiweGrammar.IsUri(resource)) return false;
            resources.Add(resource.ToString());
        }

        return true;
    }
}
