using System.Buffers.Binary;
using System.Text;
using Broker.Foundation;

namespace Broker.Attestation.OsImage;

/// <summary>
/// Reads a tar archive forwards: POSIX ustar and pax (IEEE 1003.1, <c>pax</c>), the older V7 form, and GNU's long
/// names. Each entry is a header of 512 bytes, then its data, filled up to a multiple of 512. The framework's reader
/// allocates whatever length a pax or GNU header claims; here names and attributes are bounded first.
/// </summary>
/// <param name="stream">Read to the end of the archive and not disposed.</param>
internal sealed class TarArchive(Stream stream)
{
    private const int BlockLength = 512;
    private const int MaxAttributes = 64 * 1024;

    private static readonly UTF8Encoding Utf8 = new(false, true);

    private long _left;
    private int _padding;

    /// <summary>The next entry; null at the end. What was not copied of the one before is skipped.</summary>
    /// <exception cref="InvalidDataException">It is not a tar archive.</exception>
    public async Task<TarArchiveEntry?> NextAsync(CancellationToken stop)
    {
        string? path = null;
        long? length = null;
        while (await ReadHeaderAsync(stop) is { } header)
        {
            var kind = (char)header[156];
            var size = ReadNumber(header.AsSpan(124, 12));
            Begin(kind is 'x' or 'L' ? size : length ?? size);
            switch (kind)
            {
                case 'x':
                    (path, length) = ReadAttributes(await ReadDataAsync(stop), path, length);
                    break;
                case 'L':
                    path = Text(await ReadDataAsync(stop));
                    break;
                case 'g' or 'K':
                    break; // attributes of all entries, and the target of a link: nothing that is asked for here
                default:
                    return new TarArchiveEntry(path ?? NameOf(header), kind);
            }
        }

        return null;
    }

    /// <summary>Copies the data of the current entry.</summary>
    public async Task CopyToAsync(Stream target, CancellationToken stop)
    {
        var buffer = new byte[81920];
        while (_left > 0)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, _left)), stop);
            if (read == 0) throw new InvalidDataException("the archive ends within an entry");
            await target.WriteAsync(buffer.AsMemory(0, read), stop);
            _left -= read;
        }
    }

    /// <summary>Null at the end of the archive, which is a block of zeros or the end of the stream.</summary>
    private async Task<byte[]?> ReadHeaderAsync(CancellationToken stop)
    {
        await CopyToAsync(Stream.Null, stop);
        var header = new byte[BlockLength];
        await stream.ReadExactlyAsync(header.AsMemory(0, _padding), stop);
        _padding = 0;
        var read = await stream.ReadAtLeastAsync(header, BlockLength, throwOnEndOfStream: false, stop);
        if (read == 0 || !header.AsSpan(0, read).ContainsAnyExcept((byte)0)) return null;
        return read == BlockLength && HasItsChecksum(header)
            ? header
            : throw new InvalidDataException("not the header of an entry");
    }

    private void Begin(long length)
    {
        _left = length;
        _padding = (int)((BlockLength - (length % BlockLength)) % BlockLength);
    }

    private async Task<byte[]> ReadDataAsync(CancellationToken stop)
    {
        if (_left > MaxAttributes) throw new InvalidDataException("a name or attributes are too long");
        var data = new byte[_left];
        await stream.ReadExactlyAsync(data, stop);
        _left = 0;
        return data;
    }

    /// <summary>The sum of all bytes, where the checksum itself counts as eight spaces.</summary>
    private static bool HasItsChecksum(ReadOnlySpan<byte> header)
    {
        var sum = 8L * ' ';
        for (var i = 0; i < BlockLength; i++) sum += i is >= 148 and < 156 ? 0 : header[i];
        return ReadNumber(header.Slice(148, 8)) == sum;
    }

    private static string NameOf(ReadOnlySpan<byte> header)
    {
        var name = Text(header[..100]);
        // POSIX marks its form with "ustar" and NUL; GNU writes other fields in the place of the prefix.
        var prefix = header.Slice(257, 6).SequenceEqual("ustar\0"u8) ? Text(header.Slice(345, 155)) : "";
        return prefix.Length == 0 ? name : $"{prefix}/{name}";
    }

    /// <summary>Octal digits between spaces and NULs, or GNU's binary form behind the byte 0x80.</summary>
    private static long ReadNumber(ReadOnlySpan<byte> field)
    {
        if (field[0] == 0x80)
        {
            var binary = BinaryPrimitives.ReadInt64BigEndian(field[^8..]);
            return binary >= 0 && !field[1..^8].ContainsAnyExcept((byte)0)
                ? binary
                : throw new InvalidDataException("a number that is too large");
        }

        var number = 0L;
        foreach (var digit in field.Trim(" \0"u8))
        {
            if (digit is < (byte)'0' or > (byte)'7') throw new InvalidDataException("not an octal number");
            number = (number * 8) + (digit - '0');
        }

        return number;
    }

    /// <summary>Lines of <c>length key=value</c>, where the length counts the whole line.</summary>
    private static (string? Path, long? Length) ReadAttributes(ReadOnlySpan<byte> lines, string? path, long? length)
    {
        while (!lines.IsEmpty)
        {
            var space = lines.IndexOf((byte)' ');
            if (space is < 1 or > 5 || !DecimalDigits.TryRead(lines[..space], out var counted)
                || counted <= (ulong)space + 1 || counted > (ulong)lines.Length)
            {
                throw new InvalidDataException("not the attributes of an entry");
            }

            var whole = (int)counted;
            if (lines[whole - 1] != '\n') throw new InvalidDataException("not the attributes of an entry");
            var line = lines[(space + 1)..(whole - 1)];
            if (line.StartsWith("path="u8)) path = Text(line[5..]);
            if (line.StartsWith("size="u8)) length = ReadSize(line[5..]);
            lines = lines[whole..];
        }

        return (path, length);
    }

    private static long ReadSize(ReadOnlySpan<byte> text) =>
        DecimalDigits.TryRead(text, out var size) && size <= long.MaxValue
            ? (long)size
            : throw new InvalidDataException("not a size");

    /// <summary>What stands before the first NUL.</summary>
    private static string Text(ReadOnlySpan<byte> field)
    {
        var end = field.IndexOf((byte)0);
        try
        {
            return Utf8.GetString(end < 0 ? field : field[..end]);
        }
        catch (DecoderFallbackException)
        {
            throw new InvalidDataException("a name that is not UTF-8");
        }
    }
}

/// <param name="Path">As the archive has it: not yet judged.</param>
/// <param name="Kind">The header's type flag: <c>0</c> or NUL for a file, <c>5</c> for a folder.</param>
internal sealed record TarArchiveEntry(string Path, char Kind);
