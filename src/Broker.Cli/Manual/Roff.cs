using System.Text;

namespace Broker.Cli.Manual;

/// <summary>Writes a manual page in the macros of man(7). Text is escaped, so that none of it is a request.</summary>
internal sealed class Roff
{
    private readonly StringBuilder _page = new();

    /// <summary>The first line of a page.</summary>
    public Roff Title(string name, int section, DateOnly date, string source) => Line(
        $".TH {name.ToUpperInvariant()} {section} {date:yyyy-MM-dd} \"{Escape(source)}\"");

    public Roff Section(string heading) => Line($".SH {Escape(heading.ToUpperInvariant())}");

    public Roff Subsection(string heading) => Line($".SS \"{Escape(heading)}\"");

    public Roff Text(string text) => Line(Escape(text));

    public Roff Paragraph() => Line(".PP");

    /// <summary>A term in bold, and what it means.</summary>
    public Roff Item(string term, string meaning) => Line(".TP").Line($"\\fB{Escape(term)}\\fR").Text(meaning);

    /// <summary>Lines as they are.</summary>
    public Roff Example(params string[] lines)
    {
        Line(".RS 4").Line(".nf");
        foreach (var line in lines) Text(line);
        return Line(".fi").Line(".RE");
    }

    public override string ToString() => _page.ToString();

    private Roff Line(string line)
    {
        _page.Append(line).Append('\n');
        return this;
    }

    /// <summary>Quotes end an argument, a dot or an apostrophe at the beginning of a line makes it a request.</summary>
    private static string Escape(string text)
    {
        var line = text.ReplaceLineEndings(" ").Trim().Replace("\\", "\\e", StringComparison.Ordinal)
            .Replace("-", "\\-", StringComparison.Ordinal).Replace("\"", "\\(dq", StringComparison.Ordinal)
            .Replace("'", "\\(aq", StringComparison.Ordinal).Replace("~", "\\(ti", StringComparison.Ordinal)
            .Replace("^", "\\(ha", StringComparison.Ordinal).Replace("`", "\\(ga", StringComparison.Ordinal);
        return line.StartsWith('.') ? $"\\&{line}" : line;
    }
}
