using System.Security.Cryptography;
using Broker.Foundation.Results;

namespace Broker.Mail;

/// <summary>
/// Sends a mail, and answers when it was accepted or cannot be: the caller's answer waits for it, so that a fault of
/// the sender is 502 (contract §2.11). At most <see cref="AtOnce"/> are under way; none outlives
/// <c>BROKER_EMAIL_TIMEOUT_SECONDS</c>, waiting for its turn included.
/// <para>
/// Neither answer nor time says whether a mailbox is known. The broker has no list of users. What a sender says of a
/// recipient alone counts as accepted. A suppressed mailbox takes the same path but for the call: it lasts as long as
/// one of the last mails that did leave, picked at random, and ends as the newest of them did, be it 502.
/// </para>
/// </summary>
internal sealed partial class SendMail(
    IMailSender sender, ISuppressedMailboxes suppressed, MailOptions options, MailMetrics metrics, TimeProvider time,
    ILogger<SendMail> log) : IDisposable
{
    private const int AtOnce = 32;
    private const int Remembered = 32;

    private readonly SemaphoreSlim _places = new(AtOnce);
    private readonly Lock _lock = new();

    /// <summary>How long the last mails took; before the first of them, what is usual.</summary>
    private readonly Queue<TimeSpan> _took = new([TimeSpan.FromMilliseconds(150)]);

    private Refusal? _newest;

    /// <summary>Null when the mail was accepted. A client that hangs up does not stop it.</summary>
    public async Task<Refusal?> RunAsync(OutgoingMail mail)
    {
        if (suppressed.Contains(mail.To))
        {
            metrics.Suppressed.Add(1);
            return await WithinLimitAsync(PretendAsync);
        }

        var refusal = await WithinLimitAsync(limit => SendAsync(mail, limit));
        (refusal is null ? metrics.Sent : metrics.Refused).Add(1);
        return refusal;
    }

    public void Dispose() => _places.Dispose();

    private async Task<Refusal?> WithinLimitAsync(Func<CancellationToken, Task<Refusal?>> run)
    {
        using var limit = new CancellationTokenSource(options.Timeout);
        try
        {
            await _places.WaitAsync(limit.Token);
            try
            {
                return await run(limit.Token);
            }
            finally
            {
                _places.Release();
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            return Late();
        }
    }

    private async Task<Refusal?> SendAsync(OutgoingMail mail, CancellationToken limit)
    {
        var began = time.GetTimestamp();
        Refusal? refusal = Late();
        try
        {
            return refusal = await sender.SendAsync(mail, limit);
        }
        finally
        {
            Remember(time.GetElapsedTime(began), refusal);
        }
    }

    private async Task<Refusal?> PretendAsync(CancellationToken limit)
    {
        TimeSpan took;
        Refusal? refusal;
        lock (_lock) (took, refusal) = (_took.ElementAt(RandomNumberGenerator.GetInt32(_took.Count)), _newest);
        await Task.Delay(took, time, limit);
        LogSuppressed(log);
        return refusal;
    }

    private void Remember(TimeSpan took, Refusal? refusal)
    {
        lock (_lock)
        {
            _newest = refusal;
            _took.Enqueue(took);
            if (_took.Count > Remembered) _took.Dequeue();
        }
    }

    private static Refusal Late() => new(MailRefusals.NotSent, "the mail's sender did not answer in time");

    [LoggerMessage(Level = LogLevel.Debug, Message = "a mail to a suppressed mailbox was not sent")]
    private static partial void LogSuppressed(ILogger log);
}
