using System.Text;
using Broker.Cli.Terminal;

namespace Broker.Cli.Setup;

/// <summary>
/// The lines between two marker lines of somebody else's file. Putting them in, replacing them and taking them out
/// leaves every other byte as it is.
/// </summary>
/// <remarks>
/// <code>
/// # >>> brokerctl setup aws >>> brokerctl setup aws --undo takes this away
/// …
/// # &lt;&lt;&lt; brokerctl setup aws &lt;&lt;&lt;
/// </code>
/// The first marker ends with <c>(no line end before)</c> where a line feed was put before it, and with
/// <c>(new file)</c> where there was no file: taking it out takes these back too.
/// </remarks>
internal static class ManagedBlock
{
    private const string Begin = "# >>> brokerctl setup aws >>> brokerctl setup aws --undo takes this away";
    private const string End = "# <<< brokerctl setup aws <<<";
    private const string AfterNoLineEnd = " (no line end before)";
    private const string InNewFile = " (new file)";

    /// <summary>The content with these lines in it: where they were before, else at the end.</summary>
    /// <param name="content">Null where there is no file.</param>
    /// <param name="lines">Each ends with a line feed.</param>
    public static byte[] Put(byte[]? content, string lines)
    {
        var file = content ?? [];
        if (Find(file) is { } old)
        {
            var first = Text(file.AsSpan()[old.MarkerStart..old.MarkerEnd]);
            return [.. file[..old.MarkerStart], .. Bytes($"{first}\n{lines}{End}\n"), .. file[old.End..]];
        }

        var needsLineEnd = file is [.., not (byte)'\n'];
        var mark = content is null ? InNewFile : needsLineEnd ? AfterNoLineEnd : "";
        return [.. file, .. Bytes($"{(needsLineEnd ? "\n" : "")}{Begin}{mark}\n{lines}{End}\n")];
    }

    /// <summary>The content as it was without them; null where the file was made for them alone.</summary>
    public static byte[]? TakeOut(byte[] content)
    {
        if (Find(content) is not { } old) return content;
        var marker = Text(content.AsSpan()[old.MarkerStart..old.MarkerEnd]);
        var start = marker.EndsWith(AfterNoLineEnd, StringComparison.Ordinal) && old.MarkerStart > 0
            ? old.MarkerStart - 1
            : old.MarkerStart;
        byte[] rest = [.. content[..start], .. content[old.End..]];
        return rest.Length == 0 && marker.EndsWith(InNewFile, StringComparison.Ordinal) ? null : rest;
    }

    /// <summary>The content without the lines, to look for clashes in.</summary>
    public static string Others(byte[] content) =>
        Text(Find(content) is { } old ? [.. content[..old.MarkerStart], .. content[old.End..]] : content);

    /// <exception cref="CommandFailedException">The markers do not make one block; a person has to look.</exception>
    private static (int MarkerStart, int MarkerEnd, int End)? Find(byte[] content)
    {
        var (begins, ends) = (new List<(int Start, int End)>(), new List<(int Start, int Next)>());
        for (var start = 0; start < content.Length;)
        {
            var length = content.AsSpan(start).IndexOf((byte)'\n');
            var end = length < 0 ? content.Length : start + length;
            var next = Math.Min(end + 1, content.Length);
            var line = content.AsSpan(start, end - start);
            if (line.StartsWith(Bytes(Begin))) begins.Add((start, end));
            else if (line.TrimEnd((byte)'\r').SequenceEqual(Bytes(End))) ends.Add((start, next));
            start = next;
        }

        return (begins, ends) switch
        {
            ([], []) => null,
            ([var begin], [var end]) when begin.Start < end.Start => (begin.Start, begin.End, end.Next),
            _ => throw new CommandFailedException(
                $"the marker lines of brokerctl are not one pair; take them out by hand: \"{Begin}\" and \"{End}\""),
        };
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);
}
