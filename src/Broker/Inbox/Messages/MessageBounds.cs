using Broker.Foundation.Results;

namespace Broker.Inbox.Messages;

/// <summary>
/// What a message may cost. MimeKit bounds depth alone, so everything else is counted before it builds anything: first
/// the header block and the lines that could be boundaries, on the bytes; then, by <see cref="MessageCensus"/>, the
/// parts and headers as MimeKit itself finds them.
/// </summary>
internal static class MessageBounds
{
    /// <summary>The first header block; mail that passed many relays has some 30 KiB.</summary>
    public const int HeaderBytes = 64 * 1024;

    public const int HeaderLines = 1000;

    /// <summary>Lines that begin with two hyphens, boundaries or not: a mailed patch has many.</summary>
    public const int BoundaryLines = 5000;

    public const int Parts = 500;

    /// <summary>Headers of all parts together, and their bytes.</summary>
    public const int AllHeaders = 2000;

    public const int AllHeaderBytes = 256 * 1024;

    /// <summary>Multiparts within multiparts.</summary>
    public const int Depth = 16;

    public const int AddressGroupDepth = 3;

    /// <summary>Null where the bytes are within the bounds that need no parser.</summary>
    public static Refusal? FindFault(ReadOnlySpan<byte> message)
    {
        var header = true;
        var (lines, boundaries, length) = (0, 0, message.Length);
        while (!message.IsEmpty)
        {
            var end = message.IndexOf((byte)'\n');
            var line = end < 0 ? message : message[..end];
            message = end < 0 ? [] : message[(end + 1)..];
            if (header)
            {
                if (length - message.Length > HeaderBytes)
                    return TooComplex($"a header block beyond {HeaderBytes} bytes");
                if (++lines > HeaderLines) return TooComplex($"more than {HeaderLines} header lines");
                header = line is not ([] or [(byte)'\r']);
            }
            else if (line.StartsWith("--"u8) && ++boundaries > BoundaryLines)
            {
                return TooComplex($"more than {BoundaryLines} lines that begin like a boundary");
            }
        }

        return null;
    }

    public static Refusal TooComplex(string what) =>
        new(MessageRefusals.TooComplex, $"the message has {what}");
}
