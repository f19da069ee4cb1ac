using Broker.Foundation.Results;
using MimeKit;

namespace Broker.Inbox.Messages;

/// <summary>
/// Walks a message with MimeKit's own reader, builds nothing, and counts what <see cref="MessageBounds"/> bounds. It
/// stops within a buffer's length of the first bound that is passed.
/// </summary>
internal sealed class MessageCensus : MimeReader
{
    private readonly CancellationTokenSource _enough;
    private int _parts, _headers, _headerBytes;
    private Refusal? _fault;

    private MessageCensus(ParserOptions options, Stream message, CancellationTokenSource enough)
        : base(options, message, MimeFormat.Entity) => _enough = enough;

    /// <summary>Null where the message is within bounds.</summary>
    /// <exception cref="FormatException">It is no message at all.</exception>
    public static Refusal? FindFault(byte[] message, ParserOptions options)
    {
        using var enough = new CancellationTokenSource();
        using var stream = new MemoryStream(message, writable: false);
        var census = new MessageCensus(options, stream, enough);
        try
        {
            census.ReadMessage(enough.Token);
        }
        catch (OperationCanceledException) when (census._fault is not null)
        {
            // Stopped by a bound.
        }

        return census._fault;
    }

    protected override void OnHeaderRead(Header header, int beginLineNumber, CancellationToken cancellationToken)
    {
        _headerBytes += header.RawField.Length + header.RawValue.Length;
        if (++_headers > MessageBounds.AllHeaders) Stop($"more than {MessageBounds.AllHeaders} headers");
        if (_headerBytes > MessageBounds.AllHeaderBytes)
            Stop($"more than {MessageBounds.AllHeaderBytes} bytes of headers");
        base.OnHeaderRead(header, beginLineNumber, cancellationToken);
    }

    protected override void OnMimePartBegin(
        ContentType contentType, long beginOffset, int beginLineNumber, CancellationToken cancellationToken)
    {
        CountPart();
        base.OnMimePartBegin(contentType, beginOffset, beginLineNumber, cancellationToken);
    }

    protected override void OnMessagePartBegin(
        ContentType contentType, long beginOffset, int beginLineNumber, CancellationToken cancellationToken)
    {
        CountPart();
        base.OnMessagePartBegin(contentType, beginOffset, beginLineNumber, cancellationToken);
    }

    protected override void OnMultipartBegin(
        ContentType contentType, long beginOffset, int beginLineNumber, CancellationToken cancellationToken)
    {
        CountPart();
        base.OnMultipartBegin(contentType, beginOffset, beginLineNumber, cancellationToken);
    }

    private void CountPart()
    {
        if (++_parts > MessageBounds.Parts) Stop($"more than {MessageBounds.Parts} parts");
    }

    private void Stop(string what)
    {
        _fault ??= MessageBounds.TooComplex(what);
        _enough.Cancel();
    }
}
