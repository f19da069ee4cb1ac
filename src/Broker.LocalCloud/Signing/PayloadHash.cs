namespace Broker.LocalCloud.Signing;

/// <summary>
/// What <c>x-amz-content-sha256</c> may say instead of a hash (S3 API Reference, "Authenticating requests").
/// </summary>
internal static class PayloadHash
{
    public const string Header = "x-amz-content-sha256";
    public const string Unsigned = "UNSIGNED-PAYLOAD";
    public const string SignedChunks = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
    public const string SignedChunksWithTrailer = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
    public const string UnsignedChunksWithTrailer = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";

    public static bool IsChunked(string payloadHash) =>
        payloadHash is SignedChunks or SignedChunksWithTrailer or UnsignedChunksWithTrailer;

    public static bool IsKnown(string payloadHash) =>
        payloadHash == Unsigned || IsChunked(payloadHash)
        || (payloadHash.Length == 64 && Cryptography.Hex.IsLowerCase(payloadHash));
}
