using System.Globalization;
using System.Text;

namespace Broker.Cli.Setup;

/// <summary>
/// The difference of two texts in the unified format of <c>diff -u</c>, as one hunk: what is alike at the beginning and
/// at the end is left out, but for three lines.
/// </summary>
internal static class UnifiedDiff
{
    private const int Context = 3;

    /// <summary>Empty where they are alike.</summary>
    public static string Of(string path, string? before, string? after)
    {
        var (old, @new) = (Lines(before ?? ""), Lines(after ?? ""));
        var start = 0;
        while (start < old.Count && start < @new.Count && old[start] == @new[start]) start++;
        var end = 0;
        while (end < old.Count - start && end < @new.Count - start && old[^(end + 1)] == @new[^(end + 1)]) end++;
        if (start == old.Count && start == @new.Count) return "";

        var from = Math.Max(0, start - Context);
        var tail = Math.Min(Context, end);
        var diff = new StringBuilder();
        diff.Append(CultureInfo.InvariantCulture, $"--- {(before is null ? "/dev/null" : path)}\n");
        diff.Append(CultureInfo.InvariantCulture, $"+++ {(after is null ? "/dev/null" : path)}\n");
        diff.Append(CultureInfo.InvariantCulture,
            $"@@ -{Range(from, old.Count - end + tail)} +{Range(from, @new.Count - end + tail)} @@\n");
        Append(diff, ' ', old[from..start]);
        Append(diff, '-', old[start..^end]);
        Append(diff, '+', @new[start..^end]);
        Append(diff, ' ', old[(old.Count - end)..(old.Count - end + tail)]);
        return diff.ToString();
    }

    /// <summary>An empty range names the line before it.</summary>
    private static string Range(int from, int to) => string.Create(
        CultureInfo.InvariantCulture, $"{(to > from ? from + 1 : from)},{to - from}");

    private static void Append(StringBuilder diff, char sign, List<string> lines)
    {
        foreach (var line in lines)
        {
            diff.Append(sign).Append(line);
            if (!line.EndsWith('\n')) diff.Append("\n\\ No newline at end of file\n");
        }
    }

    /// <summary>Each with its line feed, where it has one.</summary>
    private static List<string> Lines(string text)
    {
        var lines = new List<string>();
        for (var start = 0; start < text.Length;)
        {
            var end = text.IndexOf('\n', start) + 1;
            if (end == 0) end = text.Length;
            lines.Add(text[start..end]);
            start = end;
        }

        return lines;
    }
}
