using Broker.Foundation;
using Broker.Foundation.Results;
using Broker.Storage;

namespace Broker.Mail;

/// <summary>
/// Sends nothing: for development mode. The newest mails stay in memory, and the very newest also in
/// <c>$BROKER_DATA_DIR/newest-mail.eml</c>, mode 0600. The log names that file; it never holds a link.
/// </summary>
internal sealed partial class StubMailSender(
    MailOptions options, StorageOptions storage, TimeProvider time, ILogger<StubMailSender> log) : IMailSender
{
    private const int Capacity = 100;

    private readonly Lock _lock = new();
    private readonly Queue<OutgoingMail> _mails = new();
    private readonly string _file = Path.Combine(storage.DataFolder, "newest-mail.eml");

    /// <summary>The newest, oldest first.</summary>
    public IReadOnlyList<OutgoingMail> Mails
    {
        get
        {
            lock (_lock) return [.. _mails];
        }
    }

    public async Task<Refusal?> SendAsync(OutgoingMail outgoing, CancellationToken stop)
    {
        using var text = new MemoryStream();
        using var message = MimeMail.Of(outgoing, options.From!, time.GetUtcNow());
        await message.WriteToAsync(text, stop);
        lock (_lock)
        {
            _mails.Enqueue(outgoing);
            if (_mails.Count > Capacity) _mails.Dequeue();
            DurableFile.Replace(_file, text.GetBuffer().AsSpan(0, (int)text.Length));
        }

        LogKept(log, _file);
        return null;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "a mail was not sent but written to {File}")]
    private static partial void LogKept(ILogger log, string file);
}
