using System.Globalization;
using System.Security.Cryptography;
using Broker.LocalCloud.Http;
using Broker.LocalCloud.Signing;

namespace Broker.LocalCloud.S3;

/// <summary>The body of a PUT, with everything that the client said about it found true.</summary>
/// <param name="ChecksumHeaders">The checksums that held, to be sent back.</param>
internal sealed record S3Upload(byte[] Bytes, IReadOnlyDictionary<string, string> ChecksumHeaders)
{
    /// <summary>What chunk headers and trailers may add to an object of the largest size.</summary>
    private const int ChunkOverhead = 4 * 1024 * 1024;

    public static async Task<Outcome<S3Upload>> ReadAsync(
        HttpRequest request, string payloadHash, VerifiedSignature signature, CancellationToken stop)
    {
        var chunked = PayloadHash.IsChunked(payloadHash);
        var limit = ObjectStore.MaxObjectBytes + (chunked ? ChunkOverhead : 0);
        if (await RequestBody.ReadAsync(request, limit, stop) is not { } body) return S3Refusals.EntityTooLarge;

        var checksums = request.Headers
            .Where(header => header.Key.StartsWith(Checksum.HeaderPrefix, StringComparison.OrdinalIgnoreCase))
            .ToDictionary(header => header.Key.ToLowerInvariant(), header => header.Value.ToString());
        if (chunked)
        {
            var (decoded, trailers, forged) = ChunkedPayload.Decode(body, payloadHash, signature);
            if (decoded is null) return forged ? S3Refusals.SignatureDoesNotMatch : S3Refusals.IncompleteBody;
            if (!IsAnnouncedLength(request, decoded.Length)) return S3Refusals.IncompleteBody;
            foreach (var (name, value) in trailers) checksums[name] = value;
            body = decoded;
        }
        else if (payloadHash != PayloadHash.Unsigned && CanonicalRequest.Hash(body) != payloadHash)
        {
            return S3Refusals.PayloadMismatch;
        }

        if (body.Length > ObjectStore.MaxObjectBytes) return S3Refusals.EntityTooLarge;
        if (Wrong(request, checksums, body) is { } refusal) return refusal;
        return new S3Upload(body, checksums);
    }

    private static bool IsAnnouncedLength(HttpRequest request, int length) =>
        int.TryParse(request.Headers["x-amz-decoded-content-length"], NumberStyles.None, null, out var announced)
        && announced == length;

    private static AwsRefusal? Wrong(HttpRequest request, Dictionary<string, string> checksums, byte[] body)
    {
        if (request.Headers.ContentMD5 is [{ } md5] && md5 != Convert.ToBase64String(Md5(body)))
            return S3Refusals.BadDigest("Content-MD5");
        foreach (var (name, value) in checksums)
        {
            var algorithm = name.StartsWith(Checksum.HeaderPrefix, StringComparison.Ordinal)
                ? name[Checksum.HeaderPrefix.Length..]
                : "";
            if (algorithm is "type" or "algorithm") continue;
            if (Checksum.Compute(algorithm, body) is not { } computed)
                return S3Refusals.InvalidRequest($"{name} is not a checksum that S3 knows");
            if (Convert.ToBase64String(computed) != value) return S3Refusals.BadDigest(algorithm.ToUpperInvariant());
        }

        return null;
    }

#pragma warning disable CA5351 // S3 defines the ETag and Content-MD5 of an object as MD5; nothing here rests on it.
    public static byte[] Md5(byte[] bytes) => MD5.HashData(bytes);
#pragma warning restore CA5351
}
