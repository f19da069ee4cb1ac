namespace Broker.Foundation.Settings;

/// <summary>
/// The environment as the process found it, read once at start. An empty variable counts as unset, so that
/// <c>NAME=</c> in an environment file means "the default".
/// </summary>
public sealed class BootEnvironment(IReadOnlyDictionary<string, string> variables)
{
    public static BootEnvironment OfProcess() => new(
        Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
            .ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? "", StringComparer.Ordinal));

    /// <summary>
    /// The names that look like ours and are not: most often a typing error, so the start warns of them.
    /// </summary>
    public IEnumerable<string> NamesBeside(IReadOnlySet<string> known) => variables.Keys
        .Where(name => name.StartsWith("BROKER_", StringComparison.Ordinal) && !known.Contains(name))
        .Order(StringComparer.Ordinal);

    /// <summary>The same, with <paramref name="setting"/> given on the command line; null leaves it as it is.</summary>
    public BootEnvironment With(Setting setting, string? value) => value is null
        ? this
        : new BootEnvironment(
            new Dictionary<string, string>(variables, StringComparer.Ordinal) { [setting.Name] = value });

    public bool IsSet(Setting setting) => Find(setting) is not null;

    /// <summary>
    /// The text as given, from the setting's own name or the first alias that is set; null when none is.
    /// </summary>
    public string? Text(Setting setting) => Find(setting)?.Value;

    /// <summary>Set to something, be it the empty text. Only where an empty value is itself a mistake.</summary>
    public string? Raw(Setting setting) => variables.GetValueOrDefault(setting.Name);

    /// <summary>The value, or the default where one is declared.</summary>
    /// <exception cref="BootFailException">The value is not of the setting's form, or is required and
    /// missing.</exception>
    public T Read<T>(Setting<T> setting)
    {
        if (Find(setting) is { } found) return Parse(setting, found.Name, found.Value);
        return setting.Default is { } fallback
            ? Parse(setting, setting.Name, fallback)
            : throw BootFailException.At(setting, null, $"missing required variable ({setting.Form})");
    }

    /// <summary>The value, or <c>default</c> where the variable is unset.</summary>
    /// <exception cref="BootFailException">The value is not of the setting's form.</exception>
    public T? ReadOptional<T>(Setting<T> setting) =>
        Find(setting) is { } found ? Parse(setting, found.Name, found.Value) : default;

    /// <summary>Checks the form of the value, where one is set.</summary>
    /// <exception cref="BootFailException">The value is not of the setting's form.</exception>
    public void Check(Setting setting)
    {
        if (Find(setting) is not { } found) return;
        try
        {
            setting.Check(found.Value);
        }
        catch (FormatException wrong)
        {
            throw Fail(setting, wrong.Message, wrong);
        }
    }

    /// <summary>
    /// The start fails for what a setting holds. It is named as the operator wrote it, be it by an alias.
    /// </summary>
    public BootFailException Fail(Setting setting, string reason, Exception? cause = null) =>
        Find(setting) is { } found
            ? BootFailException.At(setting with { Name = found.Name }, found.Value, reason, cause)
            : BootFailException.At(setting, null, reason, cause);

    private static T Parse<T>(Setting<T> setting, string name, string value)
    {
        try
        {
            return setting.Parse(value);
        }
        catch (FormatException wrong)
        {
            throw BootFailException.At(setting with { Name = name }, value, wrong.Message, wrong);
        }
    }

    private (string Name, string Value)? Find(Setting setting)
    {
        foreach (var name in (IEnumerable<string>)[setting.Name, .. setting.Aliases])
        {
            if (variables.GetValueOrDefault(name) is { Length: > 0 } value) return (name, value);
        }

        return null;
    }
}
