namespace Broker.Tests.SignIn;

/// <summary>A SIWE message as lines that a test can bend: every part is put down as given, right or wrong.</summary>
internal sealed record SiweText
{
    public const string Checksummed = "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2";

    public string Origin { get; init; } = "service.org";

    public string Address { get; init; } = Checksummed;

    public string? Statement { get; init; } = "I accept the ServiceOrg Terms of Service: https://service.org/tos";

    public string Uri { get; init; } = "https://service.org/login";

    public string Version { get; init; } = "1";

    public string ChainId { get; init; } = "1";

    public string Nonce { get; init; } = "32891757";

    public string IssuedAt { get; init; } = "2021-09-30T16:25:24.000Z";

    /// <summary>Everything behind the time of issue, with the LF that starts it.</summary>
    public string Tail { get; init; } = "";

    public override string ToString() =>
        $"{Origin} wants you to sign in with your Ethereum account:\n{Address}\n\n"
        + (Statement is null ? "" : Statement + "\n")
        + $"\nURI: {Uri}\nVersion: {Version}\nChain ID: {ChainId}\nNonce: {Nonce}\nIssued At: {IssuedAt}{Tail}";
}
