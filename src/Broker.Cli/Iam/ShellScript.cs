using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Broker.Cli.Iam;

/// <summary>
/// What a person reads and may run: each document as a file that the shell writes, then the AWS command line's
/// commands that use it. A line that begins with <c>#</c> says what the next ones do, or names another command.
/// </summary>
internal sealed class ShellScript
{
    private const string End = "EOF";

    private readonly StringBuilder _text = new();

    public ShellScript Say(string comment)
    {
        _text.Append("# ").Append(comment).Append('\n');
        return this;
    }

    public ShellScript WriteFile(string name, JsonObject document)
    {
        _text.Append("cat > ").Append(name).Append($" <<'{End}'\n").Append(Indented(document)).Append($"\n{End}\n");
        return this;
    }

    /// <summary>Words that a shell would read otherwise are quoted.</summary>
    public ShellScript Run(params string?[] words)
    {
        _text.AppendJoin(' ', words.OfType<string>().Select(Quote)).Append('\n');
        return this;
    }

    public ShellScript Gap()
    {
        _text.Append('\n');
        return this;
    }

    public override string ToString() => _text.ToString();

    public static string Quote(string word) =>
        word.Length > 0
        && word.All(c => char.IsAsciiLetterOrDigit(c) || "-_./:=@,+".Contains(c, StringComparison.Ordinal))
            ? word
            : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    /// <summary>Text as it is: nothing is escaped that JSON lets stand.</summary>
    public static string Indented(JsonObject document)
    {
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text, new JsonWriterOptions
        {
            Indented = true,
            Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        }))
        {
            document.WriteTo(json);
        }

        return Encoding.UTF8.GetString(text.ToArray());
    }
}
