using Broker.Foundation.Results;
using Broker.Identity;

namespace Broker.OAuth.ForeignIssuers;

/// <summary>A foreign token that holds: who it speaks for, and the rules that it meets, in the file's order.</summary>
internal sealed record ProvenToken(
    ForeignIssuer Issuer, string Subject, IReadOnlyList<ForeignRule> Rules, string? TokenId, DateTimeOffset ExpiresAt);

/// <summary>
/// Verifies a foreign token: a configured issuer, an algorithm that is pinned for it, a signature by one of its keys,
/// then audience, time and what its preset asks for, then the rules. Uses nothing up.
/// </summary>
internal sealed partial class VerifyForeignToken(
    LiveIssuers issuers, IssuerKeys keys, IdentityOptions identities, TimeProvider time,
    ILogger<VerifyForeignToken> log)
{
    private const int LongestSubject = 512;
    private const int LongestId = 256;

    public async ValueTask<Result<ProvenToken>> RunAsync(string text)
    {
        ForeignToken token;
        try
        {
            token = ForeignToken.Read(text);
        }
        catch (FormatException wrong)
        {
            return Invalid($"the token was not accepted: {wrong.Message}");
        }

        using (token)
        {
            var found = IssuerOf(token);
            if (found.Refusal is { } unknown) return unknown;
            var issuer = found.Value;
            return await CheckSignatureAsync(issuer, token) is { } forged ? forged : Judge(issuer, token);
        }
    }

    /// <summary>By <c>iss</c>; a SPIFFE ID that has none of ours by its trust domain.</summary>
    private Result<ForeignIssuer> IssuerOf(ForeignToken token)
    {
        if (token["iss"] is { } name && issuers.Find(name) is { IsTrustDomain: false } issuer) return issuer;
        if (token["sub"] is { } subject && Spiffe.TrustDomainOf(subject) is { } domain
            && issuers.Find(domain) is { } trusted)
            return trusted;
        var other = token["iss"] is { } written ? written.EndsWith('/') ? written[..^1] : $"{written}/" : null;
        return new Refusal(ForeignRefusals.IssuerUnknown, other is not null && issuers.Find(other) is not null
            ? $"the token's iss and the issuer {other} differ by a slash at the end"
            : "the token's issuer is none that this broker knows");
    }

    private async ValueTask<Refusal?> CheckSignatureAsync(ForeignIssuer issuer, ForeignToken token)
    {
        if (!issuer.Algorithms.Contains(token.Algorithm))
            return Of(issuer, $"its alg must be {string.Join(" or ", issuer.Algorithms)}");
        var candidates = await keys.FindAsync(issuer, token.KeyId);
        if (candidates.Refusal is { } unreachable) return unreachable;
        if (candidates.Value.Length == 0) return Of(issuer, "its kid is none of the issuer's keys");
        return candidates.Value.Any(key => key.Verifies(token.Algorithm, token.Signed, token.Signature))
            ? null
            : Of(issuer, "its signature is wrong");
    }

    /// <summary>What a token says is looked at once it is the issuer's word.</summary>
    private Result<ProvenToken> Judge(ForeignIssuer issuer, ForeignToken token)
    {
        if (!token.IsFor(issuer.Audience)) return Of(issuer, $"its aud must contain {issuer.Audience}");
        if (CheckTime(issuer, token) is { } untimely) return untimely;
        if (token["sub"] is not { Length: <= LongestSubject } subject || subject.Any(char.IsControl))
            return Of(issuer, $"its sub must be a text of 1 to {LongestSubject} characters");
        if (issuer.Preset?.FaultOf(subject, token.Claims, issuer) is { } fault) return Of(issuer, fault);
        if (token.Claims.TryGetProperty("jti", out _) && token["jti"] is not { Length: <= LongestId })
            return Of(issuer, $"its jti must be a text of 1 to {LongestId} characters");

        var rules = issuer.Rules.Where(rule => rule.Conditions.All(one => one.Holds(token.Claims))).ToArray();
        if (rules.Length == 0)
        {
            // The rules are the operator's to read, not those of whoever has a job at this issuer.
            foreach (var rule in issuer.Rules)
                LogUnmet(log, issuer.Name, rule.Name, rule.Conditions.First(one => !one.Holds(token.Claims)).Name);
            return new Refusal(ForeignRefusals.NoRule, $"the token of {issuer.Name} meets no rule");
        }

        return new ProvenToken(
            issuer, subject, rules, issuer.IsSingleUse ? token["jti"] : null,
            token.Time("exp")!.Value + identities.ClockSkew);
    }

    private Refusal? CheckTime(ForeignIssuer issuer, ForeignToken token)
    {
        var (now, skew) = (time.GetUtcNow(), identities.ClockSkew);
        if (token.Time("exp") is not { } until) return Of(issuer, "it has no exp");
        foreach (var claim in (string[])["iat", "nbf"])
        {
            if (token.Claims.TryGetProperty(claim, out _) && token.Time(claim) is null)
                return Of(issuer, $"its {claim} is not a time");
            if (token.Time(claim) > now + skew) return Of(issuer, $"its {claim} is ahead of our clock");
        }

        if (until <= now - skew)
        {
            return new Refusal(
                ForeignRefusals.TokenExpired, $"expired: the token of {issuer.Name} is no longer valid");
        }

        var since = token.Time("iat") is { } issued && issued < now ? issued : now;
        return until - since <= issuer.LongestToken + skew
            ? null
            : Of(issuer, $"it lives longer than {issuer.LongestToken.TotalSeconds} seconds");
    }

    private static Refusal Of(ForeignIssuer issuer, string why) =>
        Invalid($"the token of {issuer.Name} was not accepted: {why}");

    private static Refusal Invalid(string why) => new(ForeignRefusals.TokenInvalid, why);

    [LoggerMessage(Level = LogLevel.Information,
        Message = "a token of {Issuer} does not meet the rule {Rule}: claim {Claim}")]
    private static partial void LogUnmet(ILogger log, string issuer, string rule, string claim);
}
