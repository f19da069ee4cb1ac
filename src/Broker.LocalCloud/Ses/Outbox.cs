namespace Broker.LocalCloud.Ses;

/// <summary>The last mails taken, in memory.</summary>
internal sealed class Outbox
{
    private const int Kept = 1000;
    private readonly Lock _gate = new();
    private readonly Queue<SentMail> _mails = new();

    public void Add(SentMail mail)
    {
        lock (_gate)
        {
            _mails.Enqueue(mail);
            if (_mails.Count > Kept) _mails.Dequeue();
        }
    }

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<SentMail> All()
    {
        lock (_gate) return [.. _mails];
    }
}
