namespace Broker.KmsAuthorizer.Http;

/// <summary>A request's body, or the status that refuses it.</summary>
internal readonly record struct RequestBody(ReadOnlyMemory<byte> Bytes, int? Refusal)
{
    /// <summary>
    /// A mebibyte, as auth-eth accepts: old KMS versions attach their whole event log.
    /// </summary>
    public const int MaxBytes = 1024 * 1024;

    /// <summary>
    /// Reads to the end; Kestrel stops at <see cref="MaxBytes"/> and at a sender slower than its minimum rate.
    /// </summary>
    public static async Task<RequestBody> ReadAsync(HttpRequest request, CancellationToken stop)
    {
        try
        {
            using var buffer = new MemoryStream();
            await request.Body.CopyToAsync(buffer, stop);
            return new RequestBody(buffer.ToArray(), null);
        }
        catch (BadHttpRequestException refused)
        {
            return new RequestBody(default, refused.StatusCode);
        }
    }
}
