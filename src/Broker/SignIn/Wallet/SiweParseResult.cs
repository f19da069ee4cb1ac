namespace Broker.SignIn.Wallet;

/// <summary>Why a text is not a SIWE message.</summary>
/// <param name="Code">One of <see cref="SiweRefusals"/>; it does not change.</param>
/// <param name="Detail">A sentence for whoever wrote the message; it never repeats the message.</param>
internal sealed record SiweRefusal(string Code, string Detail);

/// <summary>Either a message or a refusal.</summary>
internal sealed record SiweParseResult(SiweMessage? Message, SiweRefusal? Refusal)
{
    public static implicit operator SiweParseResult(SiweMessage message) => new(message, null);

    public static implicit operator SiweParseResult(SiweRefusal refusal) => new(null, refusal);
}

/// <summary>Every refusal of <see cref="SiweParser"/>.</summary>
internal static class SiweRefusals
{
    public static readonly SiweRefusal TooLong =
        new("siwe_too_long", $"a sign-in message has at most {SiweParser.LongestMessage} characters");

    public static readonly SiweRefusal Preamble = new(
        "siwe_preamble", $"the first line must be the domain, followed by \"{SiweParser.Preamble}\"");

    public static readonly SiweRefusal Scheme = new("siwe_scheme", "the scheme before :// is not one (RFC 3986 §3.1)");

    public static readonly SiweRefusal Domain = new("siwe_domain", "the domain is not an authority (RFC 3986 §3.2)");

    public static readonly SiweRefusal Address = new(
        "siwe_address", "the second line must be an address, with its EIP-55 checksum or all in lower case");

    public static readonly SiweRefusal Statement = new(
        "siwe_statement",
        "after the address come an empty line, at most one line of statement in plain ASCII, and another empty line");

    public static readonly SiweRefusal Uri = new("siwe_uri", "expected \"URI: \" and a URI (RFC 3986 §3)");

    public static readonly SiweRefusal Version = new("siwe_version", "expected \"Version: 1\"");

    public static readonly SiweRefusal ChainId = new(
        "siwe_chain_id", "expected \"Chain ID: \" and a number below 2^64 without leading zeros");

    public static readonly SiweRefusal Nonce = new(
        "siwe_nonce", "expected \"Nonce: \" and at least 8 letters and digits");

    public static readonly SiweRefusal IssuedAt = new(
        "siwe_issued_at", "expected \"Issued At: \" and a date and time (RFC 3339 §5.6)");

    public static readonly SiweRefusal ExpirationTime = new(
        "siwe_expiration_time", "\"Expiration Time: \" must be followed by a date and time (RFC 3339 §5.6)");

    public static readonly SiweRefusal NotBefore = new(
        "siwe_not_before", "\"Not Before: \" must be followed by a date and time (RFC 3339 §5.6)");

    public static readonly SiweRefusal RequestId = new(
        "siwe_request_id", "\"Request ID: \" must be followed by characters of a path segment (RFC 3986 §3.3)");

    public static readonly SiweRefusal Resources = new(
        "siwe_resources", "\"Resources:\" must be followed by lines of \"- \" and a URI, and by nothing else");

    public static readonly SiweRefusal Trailing = new(
        "siwe_trailing", "a line is unknown, stands twice or is out of order");
}
