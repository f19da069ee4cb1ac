using System.Text.Json;
using Amazon.Runtime;
using Broker.AwsAccount;
using Broker.Foundation;
using Broker.Foundation.Results;

namespace Broker.Mail.Ses;

/// <summary>
/// The network edge to SES: an answer as JSON, or a refusal in our own words. Its credentials are looked for at the
/// first call, and again while there are none.
/// </summary>
internal sealed partial class SesEdge(SesOptions options, MailOptions mail, ILogger<SesEdge> log) : IDisposable
{
    private readonly Lazy<SesClient> _client = new(
        () => new SesClient(OwnCredentials.Of(options.Keys), options, mail.Timeout),
        LazyThreadSafetyMode.PublicationOnly);

    /// <summary>What SES answered.</summary>
    /// <exception cref="OperationCanceledException">It took too long.</exception>
    public async Task<Result<SesReply>> CallAsync(SesCall call, CancellationToken stop)
    {
        try
        {
            var answer = await _client.Value.CallAsync(call, stop);
            return new SesReply(null, StrictJson.Parse(answer.Body).RootElement);
        }
        catch (AmazonServiceException refused) when (refused.StatusCode != 0)
        {
            // The code is a word of AWS's own; the message may name mailboxes, so it stays here.
            var code = AwsErrorCode.Of(refused.ErrorCode);
            LogRefused(log, call.Operation, code, ForeignText.Excerpt(refused.Message ?? ""));
            return new SesReply(code, default);
        }
        catch (JsonException)
        {
            return Failed(call, "an answer that cannot be read");
        }
        catch (Exception lost) when (lost is AmazonClientException or AmazonServiceException or HttpRequestException
            or IOException or TimeoutException)
        {
            LogUnreachable(log, call.Operation, lost);
            return Failed(call, lost is AmazonClientException
                ? "no AWS credentials, or no connection"
                : "SES could not be reached");
        }
    }

    public void Dispose()
    {
        if (_client.IsValueCreated) _client.Value.Dispose();
    }

    private static Refusal Failed(SesCall call, string why) =>
        new(MailRefusals.NotSent, $"ses {call.Operation}: {why}");

    /// <summary>At debug only: the text is SES's own.</summary>
    [LoggerMessage(Level = LogLevel.Debug, Message = "SES refused {Operation} with {Code}: {Text}")]
    private static partial void LogRefused(ILogger log, string operation, string code, string text);

    [LoggerMessage(Level = LogLevel.Debug, Message = "SES could not be reached for {Operation}")]
    private static partial void LogUnreachable(ILogger log, string operation, Exception fault);
}

/// <summary>What SES said: an answer, or the code of its error.</summary>
/// <param name="Error">Null where it did as asked.</param>
internal sealed record SesReply(string? Error, JsonElement Answer);
