namespace Broker.Cli.Mcp;

/// <summary>
/// Standard output that two write to: what is written is kept until its line ends, and leaves as a whole line.
/// </summary>
internal sealed class LineOutput(Stream output) : Stream
{
    private const byte LineFeed = (byte)'\n';

    private readonly MemoryStream _line = new();
    private readonly SemaphoreSlim _turn = new(1);

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>A line of its own, between those of the other writer.</summary>
    public async Task WriteLineAsync(ReadOnlyMemory<byte> line, CancellationToken stop)
    {
        await _turn.WaitAsync(stop);
        try
        {
            await output.WriteAsync(line, stop);
            await output.WriteAsync("\n"u8.ToArray(), stop);
            await output.FlushAsync(stop);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>For the one other writer: its writes do not overlap.</summary>
    public override async ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (buffer.Span.IndexOf(LineFeed) is >= 0 and var end)
        {
            _line.Write(buffer.Span[..end]);
            var line = _line.ToArray();
            _line.SetLength(0);
            await WriteLineAsync(line, cancellationToken);
            buffer = buffer[(end + 1)..];
        }

        _line.Write(buffer.Span);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("internal error: it is written asynchronously");

    /// <summary>Whole lines have left already.</summary>
    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _turn.Dispose();
            _line.Dispose();
        }

        base.Dispose(disposing);
    }
}
