namespace Broker.Tests.SignIn;

/// <summary>
/// The signatures that the authors of EIP-4361 publish, restated: spruceid/siwe, <c>test/verification_positive.json</c>
/// and <c>test/verification_negative.json</c> (MIT and Apache-2.0). The names are theirs.
/// </summary>
internal static class PublishedSiweSignatures
{
    private static readonly SiweText Login = new()
    {
        Origin = "login.xyz",
        Statement = "Sign-In With Ethereum Example Statement",
        Uri = "https://login.xyz",
    };

    private static readonly SiweText Example = Login with
    {
        Address = "0x9D85ca56217D2bb651b00f15e694EB7E713637D4",
        Nonce = "bTyXgcQxn2htgkjJn",
        IssuedAt = "2022-01-27T17:09:38.578Z",
        Tail = "\nExpiration Time: 2100-01-07T14:31:43.952Z",
    };

    private static readonly SiweText Misused = Login with
    {
        Address = "0x6Da01670d8fc844e736095918bbE11fE8D564163",
        Nonce = "rmplqh1gf",
        IssuedAt = "2022-01-05T14:31:43.954Z",
        Tail = "\nExpiration Time: 2100-01-07T14:31:43.952Z",
    };

    /// <summary>Messages whose signature is that of the address in them.</summary>
    public static IReadOnlyDictionary<string, (SiweText Text, string Signature)> Right { get; } =
        new Dictionary<string, (SiweText Text, string Signature)>
        {
            ["example message"] = (
                Example,
                "dc35c7f8ba2720df052e0092556456127f00f7707eaa8e3bbff7e56774e7f2e0" +
                "5a093cfc9e02964c33d86e8e066e221b7d153d27e5a2e97ccd5ca7d3f2ce06cb1b"),
            ["not yet valid"] = (
                Login with
                {
                    Address = "0xE6D3Aa1F561A215E5eb1f02Ba8705385F03fCaFB",
                    Nonce = "lx2nx4so",
                    IssuedAt = "2022-01-05T14:27:30.883Z",
                    Tail = "\nNot Before: 2100-01-07T14:31:43.952Z",
                },
                "c2539ace78f13c7eb8c0852d38d269a6f97bebd9f7872097d2e3137b541f8bf5" +
                "0176062a46eeea83086bd2721423fb5755a932ff6ccc046ed482d14e4576042f1c"),
            ["expired message"] = (
                Login with
                {
                    Address = "0x2ecA0068307e706741445764A3D6A4402aC2A5a9",
                    Nonce = "lx2nx4so",
                    IssuedAt = "2022-01-05T14:27:30.883Z",
                    Tail = "\nExpiration Time: 2021-01-05T00:00:00Z",
                },
                "7337bc2826c7678cd6bc84f5b3b236efc969b0451f9feca2328b1d3401b030c1" +
                "13f19bdba359ba3f52762c66e9147311fa95fe598a1a4ec9bb383a7b4e3874241b"),
            ["recovery byte starting at 0"] = (
                PublishedSiweVectors.Positive["recovery byte starting at 0"],
                "8c46b6eb8505939892d8e9b075f89f8277321b17b993151f37810cdda38cce6f" +
                "4a85909d2b53e6a14629c74c0ac38bf4becde78ee5b2529812bf6cceaf7b2a2501"),
        };

    /// <summary>Signatures that are none, or somebody else's.</summary>
    public static IReadOnlyDictionary<string, (SiweText Text, string Signature)> Wrong { get; } =
        new Dictionary<string, (SiweText Text, string Signature)>
        {
            ["malformed signature"] = (
                Misused,
                "f2e8420fc1b722bf4941f5a0464f98172a758ceda5039f622e425fb69fd19b20e" +
                "444bba7c9a8a8d7e2b5e453553efe7c9460be5d211abe473fc146d51bb04d0cb1b"),
            ["wrong signature"] = (
                Misused,
                "31df81dc02344c9156e6f71da46e2db624b38f8f806290d670d46492b834b2e7" +
                "575cbce9f48169356cfb577b910d8e30732fcf23c1ac0021d08b945ed7ee118e1b"),
        };

    /// <summary>Messages whose times are in no calendar: refused before any signature is looked at.</summary>
    public static IReadOnlyDictionary<string, (SiweText Text, string Code)> BadTimes { get; } =
        new Dictionary<string, (SiweText Text, string Code)>
        {
            ["invalid issuedAt"] = (
                Example with { IssuedAt = "2022-02-31T17:09:38.578Z", Tail = "" }, "siwe_issued_at"),
            ["invalid notBefore"] = (
                Example with { Tail = Example.Tail + "\nNot Before: 2025-02-31T17:09:38.578Z" }, "siwe_not_before"),
            ["invalid expirationTime"] = (
                Example with { Tail = "\nExpiration Time: 2100-02-31T14:31:43.952Z" }, "siwe_expiration_time"),
        };
}
