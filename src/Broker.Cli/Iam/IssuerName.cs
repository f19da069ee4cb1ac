namespace Broker.Cli.Iam;

/// <summary>An issuer as IAM writes it in a provider's ARN and in condition keys: without its scheme.</summary>
internal static class IssuerName
{
    public static string Of(string issuer)
    {
        var scheme = issuer.IndexOf("://", StringComparison.Ordinal);
        return scheme < 0 ? issuer : issuer[(scheme + 3)..];
    }

    /// <summary>Why IAM refuses the issuer (CreateOpenIDConnectProvider, "Url"); null where it takes it.</summary>
    public static string? Fault(string issuer)
    {
        if (!Uri.TryCreate(issuer, UriKind.Absolute, out var address)) return "it is not an absolute address";
        if (address.Scheme != "https") return "it is not https";
        if (issuer.Length > 255) return "it is longer than 255 characters";
        if (!address.IsDefaultPort || address.Authority.Contains(':', StringComparison.Ordinal)
            || IssuerAuthority(issuer).Contains(':', StringComparison.Ordinal))
        {
            return "it names a port";
        }

        if (address.Query.Length > 0 || address.Fragment.Length > 0) return "it has a query or a fragment";
        if (address.UserInfo.Length > 0) return "it has user information";
        return issuer.EndsWith('/') ? "it ends with a slash" : null;
    }

    // Uri leaves out the port that a scheme has anyway; IAM reads the text.
    private static string IssuerAuthority(string issuer) => Of(issuer).Split('/')[0];
}
