using System.Globalization;
using System.Text;

namespace Broker.LocalCloud.Signing;

/// <summary>
/// The <c>aws-chunked</c> body: chunks <c>HEX-LENGTH[;chunk-signature=HEX]\r\nBYTES\r\n</c> up to one of length zero,
/// then trailing headers <c>name:value\r\n</c>, the last of them <c>x-amz-trailer-signature</c> where chunks are
/// signed. Each signature covers the one before it, beginning with the request's own, so chunks cannot be cut, swapped
/// or repeated.
/// </summary>
internal sealed class ChunkedPayload
{
    private const string ChunkAlgorithm = "AWS4-HMAC-SHA256-PAYLOAD";
    private const string TrailerAlgorithm = "AWS4-HMAC-SHA256-TRAILER";
    private const string ChunkSignature = ";chunk-signature=";
    private const string TrailerSignature = "x-amz-trailer-signature";
    private const int MaxLineLength = 1024;
    private const int MaxTrailers = 16;
    private static readonly string EmptyHash = CanonicalRequest.Hash([]);

    private readonly byte[] _body;
    private readonly VerifiedSignature _request;
    private readonly bool _signed;
    private int _at;
    private string _previous;

    private ChunkedPayload(byte[] body, string payloadHash, VerifiedSignature request)
    {
        (_body, _request, _previous) = (body, request, request.Seed);
        _signed = payloadHash != PayloadHash.UnsignedChunksWithTrailer;
    }

    /// <summary>Takes the body apart and checks every signature in it.</summary>
    /// <param name="payloadHash">One of the chunked values of <see cref="PayloadHash"/>.</param>
    /// <returns>
    /// The bytes and the trailing headers by lower-case name; or null bytes and whether a signature was wrong.
    /// </returns>
    public static (byte[]? Bytes, Dictionary<string, string> Trailers, bool Forged) Decode(
        byte[] body, string payloadHash, VerifiedSignature request)
    {
        var payload = new ChunkedPayload(body, payloadHash, request);
        var trailers = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            var bytes = payload.Chunks();
            payload.Trailers(trailers, expectSignature: payloadHash == PayloadHash.SignedChunksWithTrailer);
            return (bytes, trailers, false);
        }
        catch (FormatException fault)
        {
            return (null, trailers, fault is ForgedException);
        }
    }

    private byte[] Chunks()
    {
        using var bytes = new MemoryStream(_body.Length);
        while (true)
        {
            var line = Line();
            var semicolon = line.IndexOf(';', StringComparison.Ordinal);
            var digits = semicolon < 0 ? line : line[..semicolon];
            if (!int.TryParse(digits, NumberStyles.AllowHexSpecifier, null, out var length) || length < 0)
                throw new FormatException("a chunk has no length");
            if (length > _body.Length - _at) throw new FormatException("a chunk is cut off");
            var chunk = _body.AsSpan(_at, length);
            if (_signed) CheckChunk(line[Math.Max(semicolon, 0)..], chunk);
            bytes.Write(chunk);
            _at += length;
            if (length == 0) return bytes.ToArray();
            if (Line().Length != 0) throw new FormatException("a chunk is longer than it says");
        }
    }

    private void CheckChunk(string extension, ReadOnlySpan<byte> chunk)
    {
        if (!extension.StartsWith(ChunkSignature, StringComparison.Ordinal)) throw new ForgedException();
        Check(ChunkAlgorithm, extension[ChunkSignature.Length..], _previous, EmptyHash, CanonicalRequest.Hash(chunk));
    }

    private void Trailers(Dictionary<string, string> trailers, bool expectSignature)
    {
        var signedText = new StringBuilder();
        string? signature = null;
        while (_at < _body.Length && Line() is { Length: > 0 } line)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon < 1 || trailers.Count == MaxTrailers) throw new FormatException("a trailer is not a header");
            var name = line[..colon].ToLowerInvariant();
            var value = line[(colon + 1)..].Trim();
            if (name == TrailerSignature)
            {
                signature = value;
                continue;
            }

            if (!trailers.TryAdd(name, value)) throw new FormatException("a trailer is there twice");
            signedText.Append(name).Append(':').Append(value).Append('\n');
        }

        if (_at != _body.Length) throw new FormatException("something follows the end");
        if (expectSignature)
            Check(TrailerAlgorithm, signature ?? "", _previous, CanonicalRequest.Hash(signedText.ToString()));
    }

    private void Check(string algorithm, string presented, params ReadOnlySpan<string> rest)
    {
        var signedText = _request.Scope.StringToSign(algorithm, _request.AmzDate, rest);
        if (!VerifiedSignature.Matches(_request.Key, signedText, presented)) throw new ForgedException();
        _previous = presented;
    }

    /// <summary>The text up to the next CRLF, which is passed over.</summary>
    private string Line()
    {
        var rest = _body.AsSpan(_at, Math.Min(_body.Length - _at, MaxLineLength));
        var end = rest.IndexOf("\r\n"u8);
        if (end < 0) throw new FormatException("a line has no end");
        _at += end + 2;
        return Encoding.ASCII.GetString(rest[..end]);
    }

    private sealed class ForgedException() : FormatException("a chunk's signature is wrong");
}
