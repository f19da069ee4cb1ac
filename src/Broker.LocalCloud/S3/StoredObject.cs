namespace Broker.LocalCloud.S3;

/// <summary>An object as it lies in a bucket. Its bytes are never changed; a new PUT makes a new one.</summary>
/// <param name="Headers">
/// Response headers that came with the PUT: content type and the like, and <c>x-amz-meta-*</c>.
/// </param>
/// <param name="ETag">The MD5 of the bytes in hex, in quotes.</param>
internal sealed record StoredObject(
    string Key, byte[] Bytes, IReadOnlyDictionary<string, string> Headers, string ETag, DateTimeOffset LastModified);
