namespace Broker.Tests.SignIn;

/// <summary>
/// The parsing cases that the authors of EIP-4361 publish, restated: spruceid/siwe, <c>test/parsing_positive.json</c>
/// and <c>test/parsing_negative.json</c> (MIT and Apache-2.0). The names are theirs. Their case "address not EIP-55" is
/// left out: an address in lower case is read here on purpose.
/// </summary>
internal static class PublishedSiweVectors
{
    public static IReadOnlyDictionary<string, SiweText> Positive { get; } = new Dictionary<string, SiweText>
    {
        ["couple of optional fields"] = new()
        {
            Tail = "\nResources:\n- ipfs://Qme7ss3ARVgxv6rXqVPiikMJ8u2NLgmgszg13pYrDKEoiu"
                + "\n- https://example.com/my-web2-claim.json",
        },
        ["no optional field"] = new(),
        ["timestamp without microseconds"] = new() { IssuedAt = "2021-09-30T16:25:24Z" },
        ["timezone not utc"] = new() { IssuedAt = "2021-09-30T16:25:24-02:00" },
        ["domain is RFC 3986 authority with IP"] = new() { Origin = "127.0.0.1" },
        ["domain is RFC 3986 authority with userinfo"] = new() { Origin = "test@127.0.0.1" },
        ["domain is RFC 3986 authority with port"] = new() { Origin = "127.0.0.1:8080" },
        ["domain is localhost authority with port"] = new() { Origin = "localhost:8080" },
        ["domain is RFC 3986 authority with userinfo and port"] = new() { Origin = "test@127.0.0.1:8080" },
        ["no statement"] = new() { Statement = null },
        ["domain ipv6"] = new() { Origin = "[::cafe]", Statement = null },
        ["uri ipv6"] = new() { Uri = "https://[::cafe]", Statement = null },
        ["uri ipv4"] = new() { Uri = "https://127.0.0.1", Statement = null },
        ["uri with port"] = new() { Uri = "https://127.0.0.1:4361", Statement = null },
        ["uri ipv4 query params and fragment"] = new() { Uri = "https://127.0.0.1/?query=one#begin", Statement = null },
        ["chainId not 1"] = new() { ChainId = "4", Statement = null },
        ["recovery byte starting at 0"] = new()
        {
            Origin = "www.tally.xyz",
            Address = "0xc95EB884FE852e241D409234bfC7045CB9E31BD7",
            Statement = "Sign in with Ethereum to Tally",
            Uri = "https://tally.xyz",
            Nonce = "15050747",
            IssuedAt = "2022-06-30T14:08:51.382Z",
        },
        ["domain contains optional scheme"] = new()
        {
            Origin = "https://example.com",
            Statement = "I accept the ExampleOrg Terms of Service: https://example.com/tos",
            Uri = "https://example.com/login",
            Nonce = "32891756",
            IssuedAt = "2021-09-30T16:25:24Z",
        },
        ["scheme is not parsed from elsehwere in message"] = new()
        {
            Origin = "localhost:3030",
            Statement = "I accept the ExampleOrg Terms of Service: http://localhost:3030/tos",
            Uri = "http://localhost:3030/login",
            Nonce = "32891756",
            IssuedAt = "2021-09-30T16:25:24Z",
        },
    };

    private const string Expiration = "\nExpiration Time: 2023-03-17T12:45:13.610Z";
    private const string NotBefore = "\nNot Before: 2022-03-17T12:45:13.610Z";
    private const string RequestId = "\nRequest ID: some_id";
    private const string Resources = "\nResources:\n- https://service.org/login";
    private const string NoDate = "Wed Oct 05 2011 16:48:00 GMT+0200 (CEST)";

    /// <summary>What most negative cases spoil in one place.</summary>
    private static readonly SiweText Whole = new()
    {
        Address = "0xe5A12547fe4E872D192E3eCecb76F2Ce1aeA4946",
        Nonce = "12341234",
        IssuedAt = "2022-03-17T12:45:13.610Z",
        Tail = Expiration + NotBefore + RequestId + Resources,
    };

    /// <summary>Each text with the code of the refusal that it meets here.</summary>
    public static IReadOnlyDictionary<string, (string Text, string Code)> Negative { get; } =
        new Dictionary<string, (string Text, string Code)>
        {
            ["missing domain"] = (Text(Whole with { Origin = "" }), "siwe_domain"),
            ["missing address"] = (Text(Whole with { Address = "" }), "siwe_address"),
            ["missing uri"] = (Without("URI: https://service.org/login"), "siwe_uri"),
            ["missing version"] = (Without("Version: 1"), "siwe_version"),
            ["missing chainId"] = (Without("Chain ID: 1"), "siwe_chain_id"),
            ["missing nonce"] = (Without("Nonce: 12341234"), "siwe_nonce"),
            ["missing issuedAt"] = (Without("Issued At: 2022-03-17T12:45:13.610Z"), "siwe_issued_at"),
            ["out of order uri"] = (Swapped("URI: https://service.org/login", "Version: 1"), "siwe_uri"),
            ["out of order version"] = (Swapped("Version: 1", "Chain ID: 1"), "siwe_version"),
            ["out of order chainId"] = (
                Text(Whole).Replace("Chain ID: 1\nNonce: 12341234\n", "Nonce: 12341234Chain ID: 1\n\n", default),
                "siwe_chain_id"),
            ["out of order nonce"] = (
                Swapped("Nonce: 12341234", "Issued At: 2022-03-17T12:45:13.610Z"), "siwe_nonce"),
            ["out of order issuedAt"] = (
                Swapped("Issued At: 2022-03-17T12:45:13.610Z", Expiration[1..]), "siwe_issued_at"),
            ["out of order expirationTime"] = (Tail(NotBefore + Expiration + RequestId + Resources), "siwe_trailing"),
            ["out of order notBefore"] = (Tail(Expiration + RequestId + NotBefore + Resources), "siwe_trailing"),
            ["out of order requestId"] = (Tail(Expiration + NotBefore + Resources + RequestId), "siwe_resources"),
            ["out of order resources"] = (Tail(Expiration + Resources + NotBefore + RequestId), "siwe_resources"),
            ["domain not RFC4501 authority"] = (Text(Whole with { Origin = "#notrfc4501" }), "siwe_domain"),
            ["statement has line break"] = (
                Text(Whole).Replace("Service: https", "Service: \nhttps", StringComparison.Ordinal), "siwe_statement"),
            ["uri is non-RFC 3986"] = (Text(Whole with { Uri = ":not_a_rfc3986_valid_uri_" }), "siwe_uri"),
            ["version not 1"] = (Text(Whole with { Version = "3" }), "siwe_version"),
            ["not a valid chainId"] = (Text(Whole with { ChainId = "?" }), "siwe_chain_id"),
            ["nonce with less then 8 chars"] = (Text(Whole with { Nonce = "1234567" }), "siwe_nonce"),
            ["non-ISO 8601 issuedAt"] = (Text(Whole with { IssuedAt = NoDate }), "siwe_issued_at"),
            ["non-ISO 8601 expirationTime"] = (
                Tail("\nExpiration Time: " + NoDate + NotBefore + RequestId + Resources), "siwe_expiration_time"),
            ["non-ISO 8601 notBefore"] = (
                Tail(Expiration + "\nNot Before: " + NoDate + RequestId + Resources), "siwe_not_before"),
            ["resources not separated by line break"] = (
                Text(Whole with { Tail = Whole.Tail + " - https://service.org/login/2" }), "siwe_resources"),
            ["first resource not-RFC 3986"] = (
                Tail(Expiration + "\nResources:\n- :not_a_rfc3986_valid_uri_\n- https://service.org/login"),
                "siwe_resources"),
            ["second resource is not-RFC3986"] = (
                Text(Whole with { Tail = Whole.Tail + "\n- :not_a_rfc3986_valid_uri_" }), "siwe_resources"),
        };

    private static string Text(SiweText text) => text.ToString();

    private static string Tail(string tail) => Text(Whole with { Tail = tail });

    /// <summary>The line emptied, its LF left, as the published cases have it.</summary>
    private static string Without(string line) =>
        Text(Whole).Replace(line + "\n", "\n", StringComparison.Ordinal);

    private static string Swapped(string first, string second) =>
        Text(Whole).Replace($"{first}\n{second}\n", $"{second}\n{first}\n", StringComparison.Ordinal);
}
