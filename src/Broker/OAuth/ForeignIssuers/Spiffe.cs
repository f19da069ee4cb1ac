using System.Text.Json;

namespace Broker.OAuth.ForeignIssuers;

/// <summary>
/// JWT-SVIDs of a SPIFFE trust domain. The subject is a SPIFFE ID of it. The specification asks for no <c>iss</c>; one
/// that is there is not looked at, for the trust domain's keys say whose token it is.
/// </summary>
internal sealed record Spiffe() : Preset("spiffe")
{
    public override IReadOnlyList<string> Algorithms => VerificationKey.Algorithms;

    public override bool IsSingleUse => false;

    public override IReadOnlySet<string> Claims { get; } = Names("sub");

    public override string? FaultOf(ForeignRule rule) =>
        IsPinned(rule, "sub", one => one.Fixed.StartsWith(SpiffeScheme, StringComparison.Ordinal)
            && one.Fixed.IndexOf('/', SpiffeScheme.Length) > 0)
            ? null
            : "claims must pin sub: spiffe://TRUST-DOMAIN/…";

    public override string? FaultOf(string subject, JsonElement claims, ForeignIssuer issuer) =>
        TrustDomainOf(subject) == issuer.Name ? null : "its sub must be a SPIFFE ID of the trust domain";

    /// <summary>
    /// <c>spiffe://</c> and the trust domain of a SPIFFE ID (SPIFFE-ID §2); null for what is none.
    /// </summary>
    public static string? TrustDomainOf(string id)
    {
        if (!id.StartsWith(SpiffeScheme, StringComparison.Ordinal)) return null;
        var path = id.IndexOf('/', SpiffeScheme.Length);
        if (path < 0 || !IsTrustDomain(id[..path])) return null;
        return id[(path + 1)..].Split('/').All(IsSegment) ? id[..path] : null;
    }

    /// <summary><c>spiffe://</c> and at most 255 lower-case letters, digits, dots, dashes and underscores.</summary>
    public static bool IsTrustDomain(string name) =>
        name.StartsWith(SpiffeScheme, StringComparison.Ordinal) && name.Length > SpiffeScheme.Length
        && name.Length <= SpiffeScheme.Length + 255
        && name.Skip(SpiffeScheme.Length).All(
            c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '-' or '_');

    private static bool IsSegment(string segment) =>
        segment is not ("" or "." or "..")
        && segment.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');
}
