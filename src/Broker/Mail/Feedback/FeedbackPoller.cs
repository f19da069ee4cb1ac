using System.Text.Json;
using Amazon.Runtime;
using Amazon.SQS;
using Amazon.SQS.Model;
using Broker.AwsAccount;

namespace Broker.Mail.Feedback;

/// <summary>
/// Reads the queue of bounces and complaints, ten messages at a time, and suppresses what they name. A message is
/// deleted once it is on disk here, and so is one that is no notification: it would come back for ever.
/// </summary>
internal sealed partial class FeedbackPoller(
    FeedbackOptions options, ISuppressedMailboxes suppressed, TimeProvider time, ILogger<FeedbackPoller> log)
    : BackgroundService
{
    private const int AtOnce = 10;

    private static readonly TimeSpan LongPoll = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PauseAfterFault = TimeSpan.FromSeconds(30);

    private readonly string _queue = options.Queue!.AbsoluteUri;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        AmazonSQSClient? client = null;
        try
        {
            while (true)
            {
                var pause = Pause;
                try
                {
                    client ??= Connect();
                    await ReadAsync(client, stoppingToken);
                }
                catch (Exception fault) when (!stoppingToken.IsCancellationRequested && IsOfQueue(fault))
                {
                    LogNotRead(log, (fault as AmazonServiceException)?.ErrorCode ?? fault.GetType().Name);
                    pause = PauseAfterFault;
                }

                await Task.Delay(pause, time, stoppingToken);
            }
        }
        finally
        {
            client?.Dispose();
        }
    }

    private async Task ReadAsync(AmazonSQSClient client, CancellationToken stop)
    {
        var received = await client.ReceiveMessageAsync(new ReceiveMessageRequest
        {
            QueueUrl = _queue,
            MaxNumberOfMessages = AtOnce,
            WaitTimeSeconds = (int)LongPoll.TotalSeconds,
        }, stop);
        foreach (var message in received.Messages ?? [])
        {
            if (FeedbackNotice.Read(message.Body ?? "") is { } named)
                foreach (var (mailbox, reason) in named) suppressed.Add(mailbox, reason);
            else LogNoNotice(log);
            await client.DeleteMessageAsync(_queue, message.ReceiptHandle, stop);
        }
    }

    private AmazonSQSClient Connect() => new(OwnCredentials.Of(options.Keys), new AmazonSQSConfig
    {
        ServiceURL = options.Queue!.GetLeftPart(UriPartial.Authority),
        AuthenticationRegion = options.Region,
        Timeout = Timeout,
        MaxErrorRetry = 0, // the loop asks again
    });

    private static bool IsOfQueue(Exception fault) => fault is AmazonServiceException or AmazonClientException
        or HttpRequestException or IOException or OperationCanceledException or TimeoutException or JsonException
        or Microsoft.Data.Sqlite.SqliteException;

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "the queue of bounces and complaints could not be read ({Fault}); trying again in half a minute")]
    private static partial void LogNotRead(ILogger log, string fault);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "a message in the queue of bounces and complaints is no notification of SES; it was deleted")]
    private static partial void LogNoNotice(ILogger log);
}
