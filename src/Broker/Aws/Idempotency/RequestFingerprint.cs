using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Broker.Cryptography;

namespace Broker.Aws.Idempotency;

/// <summary>
/// What makes two requests the same (draft-ietf-httpapi-idempotency-key-header §2.6): method, path, query and body. The
/// order of parameters and members does not count, nor does white space; <c>dry_run</c> is left out, so that a dry run
/// tells of the mint.
/// </summary>
internal static class RequestFingerprint
{
    /// <summary>SHA-256 over the SHA-256 of each part, 64 lower-case hex digits.</summary>
    public static string Of(HttpRequest request, JsonElement body)
    {
        var query = request.Query
            .Where(parameter => parameter.Key != "dry_run")
            .SelectMany(parameter => parameter.Value.Select(value => (parameter.Key, Value: value ?? "")))
            .OrderBy(parameter => parameter.Key, StringComparer.Ordinal)
            .ThenBy(parameter => parameter.Value, StringComparer.Ordinal)
            .SelectMany(parameter => (string[])[parameter.Key, parameter.Value]);
        using var whole = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in (IEnumerable<string>)[request.Method, request.Path.Value ?? "", .. query])
            whole.AppendData(SHA256.HashData(Encoding.UTF8.GetBytes(part)));
        whole.AppendData(SHA256.HashData(Canonical(body)));
        return Convert.ToHexStringLower(whole.GetHashAndReset());
    }

    /// <summary>The RFC 8785 form; a body that has none is known by its own text.</summary>
    private static byte[] Canonical(JsonElement body) => Rfc8785.TryCanonicalize(body, out var canonical, out _)
        ? canonical
        : Encoding.UTF8.GetBytes(body.GetRawText());
}
