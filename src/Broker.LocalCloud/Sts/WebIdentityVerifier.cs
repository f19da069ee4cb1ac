using Broker.LocalCloud.Http;
using Broker.LocalCloud.Identity;

namespace Broker.LocalCloud.Sts;

/// <summary>
/// Decides whether a web identity token is genuine and current, in AWS's order: form, provider, signature, audience,
/// times, then the AWS claims. What it may be used for is the trust policy's business.
/// </summary>
internal sealed class WebIdentityVerifier(CloudResources resources, IssuerKeys keys, TimeProvider clock)
{
    /// <summary>
    /// For <c>iat</c> and <c>nbf</c> only. AWS is said to grant it to <c>exp</c> too; refusing there a few minutes
    /// earlier means that nothing that works here fails there.
    /// </summary>
    public const long SkewSeconds = 300;

    private const string RolesClaim = "https://aws.amazon.com/roles";
    private const string SourceIdentityClaim = "https://aws.amazon.com/source_identity";

    public async Task<Outcome<WebIdentity>> VerifyAsync(string compact, CancellationToken stop)
    {
        // 1. Form, and the claims without which nothing can be decided.
        if (!WebIdentityToken.TryParse(compact, out var token))
            return StsRefusals.InvalidIdentityToken(
                "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)");
        if (Missing(token) is { } claim) return StsRefusals.InvalidIdentityToken($"Missing a required claim: {claim}");

        // 2. The provider, by the issuer's bytes; and its key, from the issuer itself.
        if (resources.Provider(token.Text("iss")!) is not { } provider)
            return StsRefusals.InvalidIdentityToken(
                $"No OpenIDConnect provider found in your account for {token.Text("iss")}");
        var key = await keys.FindAsync(provider.Issuer, token.KeyId, stop);
        if (key.Refusal is { } noKey) return noKey;
        if (!key.Value.Verifies(token.Algorithm, token.SigningInput, token.Signature))
            return StsRefusals.InvalidIdentityToken("The signature of the identity token is not valid");

        // 3. For whom, and when.
        var audience = Audience(token);
        if (audience is null || !provider.ClientIds.Contains(audience))
            return StsRefusals.InvalidIdentityToken("Incorrect token audience");
        if (Untimely(token) is { } untimely) return untimely;

        // 4. What the issuer wants the session to be.
        var (tags, fault) = SessionTags.FromToken(token.Claims);
        if (tags is null) return StsRefusals.InvalidIdentityToken(fault);
        var sourceIdentity = token.Text(SourceIdentityClaim);
        if (token.Claims.TryGetProperty(SourceIdentityClaim, out _) && !IsSourceIdentity(sourceIdentity))
            return StsRefusals.InvalidIdentityToken(@"The source identity is not 2 to 64 characters of [\w+=,.@-]");
        var roles = token.Texts(RolesClaim);
        if (token.Claims.TryGetProperty(RolesClaim, out _) && roles is null)
            return StsRefusals.InvalidIdentityToken("The roles claim is neither an ARN nor a list of ARNs");

        return new WebIdentity(
            provider, token.Text("sub")!, audience, token.Text("azp"), token.Texts("amr"), roles, sourceIdentity, tags);
    }

    private static string? Missing(WebIdentityToken token)
    {
        if (token.Text("iss") is null) return "iss";
        if (token.Text("sub") is not { Length: > 0 }) return "sub";
        if (token.Texts("aud") is not { Count: > 0 }) return "aud";
        if (token.Seconds("iat") is null) return "iat";
        return token.Seconds("exp") is null ? "exp" : null;
    }

    /// <summary>The one audience; of several, the authorised party decides.</summary>
    private static string? Audience(WebIdentityToken token) =>
        token.Texts("aud") is [var only] ? only : token.Text("azp");

    private AwsRefusal? Untimely(WebIdentityToken token)
    {
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        var expires = token.Seconds("exp")!.Value;
        if (now >= expires) return StsRefusals.ExpiredToken(now, expires);
        if (token.Seconds("iat") > now + SkewSeconds)
            return StsRefusals.InvalidIdentityToken("The token is issued in the future");
        if (!token.Claims.TryGetProperty("nbf", out _)) return null;
        if (token.Seconds("nbf") is not { } notBefore) return StsRefusals.InvalidIdentityToken("nbf is not an integer");
        return notBefore > now + SkewSeconds ? StsRefusals.InvalidIdentityToken("The token is not valid yet") : null;
    }

    private static bool IsSourceIdentity(string? text) =>
        text is { Length: >= 2 and <= 64 } && StsParameters.NameLike().IsMatch(text);
}
