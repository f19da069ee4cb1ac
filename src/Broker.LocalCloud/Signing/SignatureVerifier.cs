using System.Security.Cryptography;
using System.Text;
using Broker.LocalCloud.Http;
using Broker.LocalCloud.Identity;
using Microsoft.Extensions.Primitives;

namespace Broker.LocalCloud.Signing;

/// <summary>
/// Checks AWS Signature Version 4 on a request (header-signed, or presigned where the service allows it).
/// Any region is accepted: this cloud has one place only.
/// </summary>
internal sealed class SignatureVerifier(CredentialDirectory credentials, TimeProvider clock)
{
    public static readonly TimeSpan AllowedSkew = TimeSpan.FromMinutes(15);

    /// <param name="service">The service that the scope must name.</param>
    /// <param name="payloadHash">What stands on the canonical request's last line.</param>
    /// <returns>The signer, or the first fault found.</returns>
    public (VerifiedSignature? Signature, SignatureFault Fault) Verify(
        HttpRequest request, string service, string payloadHash)
    {
        if (!PresentedSignature.IsPresent(request)) return (null, SignatureFault.Missing);
        if (PresentedSignature.Read(request) is not { } presented) return (null, SignatureFault.Malformed);
        if (!CoversWhatMatters(request, presented)) return (null, SignatureFault.Malformed);

        // 1. Is it for us, and for now?
        if (presented.Scope.Service != service) return (null, SignatureFault.WrongScope);
        if (!SigningScope.TryParseAmzDate(presented.AmzDate, out var signedAt)) return (null, SignatureFault.Malformed);
        if (!presented.AmzDate.StartsWith(presented.Scope.Date, StringComparison.Ordinal))
            return (null, SignatureFault.WrongScope);
        var now = clock.GetUtcNow();
        if (signedAt - now > AllowedSkew || now - signedAt > (presented.ValidFor ?? AllowedSkew))
            return (null, SignatureFault.Skewed);

        // 2. Whose key is it?
        if (credentials.Find(presented.AccessKeyId) is not { } known) return (null, SignatureFault.UnknownAccessKey);
        if (!SameToken(known.SessionToken, presented.SessionToken)) return (null, SignatureFault.WrongSessionToken);
        if (known.Expiration <= now) return (null, SignatureFault.ExpiredCredentials);

        // 3. Does the signature cover this very request?
        var key = presented.Scope.DeriveKey(known.SecretAccessKey);
        var canonical = Canonical(request, presented, service, payloadHash);
        var signedText = presented.Scope.StringToSign(
            SigningScope.Algorithm, presented.AmzDate, CanonicalRequest.Hash(canonical));
        return VerifiedSignature.Matches(key, signedText, presented.Signature)
            ? (new(known.Owner, presented.Scope, presented.AmzDate, presented.Signature, key), default)
            : (null, SignatureFault.Mismatch);
    }

    private static string Canonical(
        HttpRequest request, PresentedSignature presented, string service, string payloadHash)
    {
        var target = RawTarget.Of(request);
        var path = service == "s3" ? CanonicalPath.ForS3(target.Path) : CanonicalPath.ForOtherServices(target.Path);
        var query = target.Parameters()
            .Where(parameter => !presented.IsPresigned || parameter.Key != "X-Amz-Signature");
        return CanonicalRequest.Compose(
            request.Method, path, query, presented.SignedHeaders, name => Header(request, name), payloadHash);
    }

    private static StringValues Header(HttpRequest request, string name) =>
        name == "host" ? request.Headers.Host : request.Headers[name];

    /// <summary>
    /// The host and every <c>x-amz-*</c> header sent must be signed, or a stranger could change them on the way.
    /// </summary>
    private static bool CoversWhatMatters(HttpRequest request, PresentedSignature presented) =>
        presented.SignedHeaders.Contains("host")
        && request.Headers.Keys
            .Where(name => name.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase))
            .All(name => presented.SignedHeaders.Contains(name.ToLowerInvariant()));

    private static bool SameToken(string? known, string? presented) =>
        CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(known ?? ""), Encoding.UTF8.GetBytes(presented ?? ""));
}
