namespace Broker.SignIn.Methods;

/// <summary>
/// The words of <c>BROKER_AUTH_METHODS</c>, and what the ledger calls each proof. A new way to sign in is a word here
/// and a module of its own.
/// </summary>
internal static class SignInMethod
{
    public const string WalletSignature = "wallet_sig";
    public const string EmailLink = "email_link";
    public const string Passkey = "passkey";

    /// <summary>Contract §16, C7.</summary>
    public const string Google = "oauth2_google";

    /// <summary>An OpenID provider that is not Google.</summary>
    public const string Oidc = "oauth2_oidc";

    /// <summary>Every word.</summary>
    public static IReadOnlyList<string> All { get; } = [WalletSignature, EmailLink, Passkey, Google, Oidc];
}
