namespace Broker.Foundation.Settings;

/// <summary>
/// The readers of settings' values. Each throws <see cref="FormatException"/> with a reason fit for an operator.
/// </summary>
public static partial class SettingForms
{
    /// <summary>How the form of a switch is told.</summary>
    public const string TrueOrFalse = "true or false";

    public static Func<string, string> Text(int longest) => value =>
        value.Length <= longest && !value.Any(char.IsControl)
            ? value
            : throw new FormatException($"must be at most {longest} printable characters");

    /// <summary>
    /// <c>true</c> or <c>1</c>, <c>false</c> or <c>0</c>. Nothing else: a misspelt switch must not be off in silence.
    /// </summary>
    public static bool Switch(string value) => value switch
    {
        "true" or "1" => true,
        "false" or "0" => false,
        _ => throw new FormatException("must be true or false"),
    };

    public static Func<string, string> OneOf(params string[] words) => value =>
        words.Contains(value, StringComparer.Ordinal)
            ? value
            : throw new FormatException($"must be one of {string.Join(", ", words)}");

    /// <summary>One of these words, each for a value.</summary>
    public static Func<string, T> Choice<T>(params (string Word, T Value)[] choices) => value =>
        Array.FindIndex(choices, choice => choice.Word == value) is >= 0 and var found
            ? choices[found].Value
            : throw new FormatException($"must be one of {string.Join(", ", choices.Select(choice => choice.Word))}");

    /// <summary>Parts between commas, without white space around them; empty parts are left out.</summary>
    public static string[] List(string value) =>
        value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The same reader, which gives <paramref name="reason"/> for every value that it refuses.</summary>
    public static Func<string, T> Told<T>(string reason, Func<string, T> parse) => value =>
    {
        try
        {
            return parse(value);
        }
        catch (FormatException wrong)
        {
            throw new FormatException(reason, wrong);
        }
    };
}
