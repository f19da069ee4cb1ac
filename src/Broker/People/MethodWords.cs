using Broker.SignIn.Methods;

namespace Broker.People;

/// <summary>The offered ways to sign in, in words for people.</summary>
internal static class MethodWords
{
    private static readonly (string Method, string Words)[] All =
    [
        (SignInMethod.EmailLink, "by a link that is mailed to you"),
        (SignInMethod.Passkey, "with a passkey"),
        (SignInMethod.WalletSignature, "with an Ethereum wallet, by signing a message"),
        (SignInMethod.Google, "with a Google account"),
        (SignInMethod.Oidc, "at an OpenID provider"),
    ];

    public static IReadOnlyList<string> Of(SignInOptions options) =>
        [.. All.Where(one => options.Offers(one.Method)).Select(one => one.Words)];
}
