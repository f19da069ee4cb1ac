using Broker.Foundation.Results;

namespace Broker.KmsAuthorizer.Http;

/// <summary>Reads a request's body.</summary>
internal static class RequestBody
{
    /// <summary>
    /// A mebibyte, as auth-eth accepts: old KMS versions attach their whole event log.
    /// </summary>
    public const int MaxBytes = 1024 * 1024;

    /// <summary>
    /// Reads to the end; Kestrel stops at <see cref="MaxBytes"/> and at a sender slower than its minimum rate.
    /// </summary>
    public static async Task<Result<ReadOnlyMemory<byte>>> ReadAsync(HttpRequest request, CancellationToken stop)
    {
        try
        {
            using var buffer = new MemoryStream();
            await request.Body.CopyToAsync(buffer, stop);
            return new ReadOnlyMemory<byte>(buffer.ToArray());
        }
        catch (BadHttpRequestException refused)
        {
            return new Refusal(
                RequestRefusals.BodyUnreadable with { Status = refused.StatusCode },
                "body: could not be read or is too large");
        }
    }
}
