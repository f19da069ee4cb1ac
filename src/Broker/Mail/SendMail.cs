using System.Diagnostics;
using Broker.Foundation.Results;

namespace Broker.Mail;

/// <summary>
/// Sends a mail, and answers when it was accepted or cannot be: the caller's answer waits for it, so that a fault of
/// the sender is 502 (contract §2.11). Every mailbox takes this one path: the broker knows no list of users, and what
/// a sender says of a recipient alone is not told. At most <see cref="AtOnce"/> are under way; none outlives
/// <c>BROKER_EMAIL_TIMEOUT_SECONDS</c>, waiting for its turn included.
/// </summary>
internal sealed partial class SendMail(IMailSender sender, MailOptions options, ILogger<SendMail> log) : IDisposable
{
    private const int AtOnce = 32;

    private readonly SemaphoreSlim _places = new(AtOnce);

    /// <summary>Null when the mail was accepted. A client that hangs up does not stop it.</summary>
    public async Task<Refusal?> RunAsync(OutgoingMail mail)
    {
        var began = Stopwatch.GetTimestamp();
        using var limit = new CancellationTokenSource(options.Timeout);
        var refusal = await SendAsync(mail, limit.Token);
        if (refusal is null) LogSent(log, (long)Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        return refusal;
    }

    public void Dispose() => _places.Dispose();

    private async Task<Refusal?> SendAsync(OutgoingMail mail, CancellationToken limit)
    {
        try
        {
            await _places.WaitAsync(limit);
            try
            {
                return await sender.SendAsync(mail, limit);
            }
            finally
            {
                _places.Release();
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            return new Refusal(MailRefusals.NotSent, "the mail's sender did not answer in time");
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "a mail was accepted after {Milliseconds} ms")]
    private static partial void LogSent(ILogger log, long milliseconds);
}
