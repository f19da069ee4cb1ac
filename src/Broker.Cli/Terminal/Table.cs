using System.Text;

namespace Broker.Cli.Terminal;

/// <summary>
/// Rows in columns, each as wide as its widest cell. Control characters of a cell are shown as <c>?</c>: what a server
/// sends does not speak to the terminal.
/// </summary>
internal sealed class Table(params string[] headers)
{
    private const string Gap = "  ";
    private readonly List<string[]> _rows = [headers];

    public void Add(params string[] cells) => _rows.Add([.. cells.Select(Printable)]);

    public void Write(TextWriter output)
    {
        var widths = Enumerable.Range(0, headers.Length).Select(column => _rows.Max(row => Width(row[column]))).ToArray();
        foreach (var row in _rows)
        {
            var line = string.Join(Gap, row.Select((cell, column) => cell + Padding(widths[column] - Width(cell))));
            output.WriteLine(line.TrimEnd());
        }
    }

    /// <summary>On one line, without control characters.</summary>
    public static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '?' : c));

    private static int Width(string text)
    {
        var width = 0;
        foreach (var rune in text.EnumerateRunes()) width += Rune.GetUnicodeCategory(rune)
            is System.Globalization.UnicodeCategory.NonSpacingMark ? 0 : 1;
        return width;
    }

    private static string Padding(int count) => new(' ', count);
}
