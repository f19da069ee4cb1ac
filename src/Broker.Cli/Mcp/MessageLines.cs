using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Broker.Foundation;

namespace Broker.Cli.Mcp;

/// <summary>
/// Messages come one on a line. A line that is no JSON is answered here, with the error −32700 (JSON-RPC 2.0 §5.1), and
/// goes no further; the protocol's library would say nothing.
/// </summary>
internal static class MessageLines
{
    private const int LongestLine = 4 << 20;

    private static readonly byte[] ParseError =
        """{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error: a message is JSON on one line"}}"""u8
            .ToArray();

    /// <summary>Copies good lines until <paramref name="input"/> ends.</summary>
    public static async Task PumpAsync(Stream input, PipeWriter good, LineOutput output, CancellationToken stop)
    {
        var lines = PipeReader.Create(input);
        try
        {
            while (true)
            {
                var read = await lines.ReadAsync(stop);
                var rest = read.Buffer;
                while (rest.PositionOf((byte)'\n') is { } end)
                {
                    await PassAsync(rest.Slice(0, end), good, output, stop);
                    rest = rest.Slice(rest.GetPosition(1, end));
                }

                // Nobody sends such a message; what it was cannot be told from what follows.
                if (rest.Length > LongestLine) break;
                lines.AdvanceTo(rest.Start, rest.End);
                if (read.IsCompleted) break;
            }
        }
        finally
        {
            await lines.CompleteAsync();
            await good.CompleteAsync();
        }
    }

    private static async Task PassAsync(
        ReadOnlySequence<byte> line, PipeWriter good, LineOutput output, CancellationToken stop)
    {
        var text = line.ToArray();
        if (text.AsSpan().Trim(" \r\t"u8).IsEmpty) return;
        if (!IsJson(text))
        {
            await output.WriteLineAsync(ParseError, stop);
            return;
        }

        await good.WriteAsync(text, stop);
        await good.WriteAsync("\n"u8.ToArray(), stop);
    }

    private static bool IsJson(byte[] text)
    {
        try
        {
            using var _ = StrictJson.Parse(text, maxDepth: 64);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
