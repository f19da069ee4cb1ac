namespace Broker.KmsAuthorizer.Configuration;

internal delegate bool TryParse<T>(string text, out T value);

/// <summary>
/// Reads variables one by one and collects what is wrong with them, so that the operator sees every fault in one start.
/// An empty variable counts as unset, as an <c>EnvironmentFile</c> line with nothing after the sign means it.
/// </summary>
internal sealed class SettingsSource(
    IReadOnlyDictionary<string, string> commandLine, Func<string, string?> environment)
{
    private readonly List<BootFault> _faults = [];

    public IReadOnlyList<BootFault> Faults => _faults;

    /// <summary>The text given, or the default; null where there is neither.</summary>
    public string? Text(Variable variable) => Given(variable)?.Text ?? variable.Default;

    /// <summary>The parsed value; on a fault the type's default, and the fault is noted.</summary>
    public T? Read<T>(Variable variable, TryParse<T> parse)
    {
        var given = Given(variable);
        var text = given?.Text ?? variable.Default;
        if (text is not null && parse(text, out var value)) return value;

        Refuse(variable, given, text is null ? $"is required; {variable.Form}" : variable.Form);
        return default;
    }

    /// <summary>As <see cref="Read{T}"/>, but unset is fine.</summary>
    public T? ReadOptional<T>(Variable variable, TryParse<T> parse) where T : struct =>
        Given(variable) is null ? null : Read(variable, parse);

    /// <summary>Refuses what was given for not being of the variable's form.</summary>
    public void Refuse(Variable variable) => Refuse(variable, variable.Form);

    public void Refuse(Variable variable, string reason) => Refuse(variable, Given(variable), reason);

    private void Refuse(Variable variable, (string Name, string Text)? given, string reason)
    {
        var shown = variable.IsSecret && given is not null ? "(not shown)" : given?.Text;
        _faults.Add(new BootFault(given?.Name ?? variable.Name, shown, reason));
    }

    private (string Name, string Text)? Given(Variable variable)
    {
        if (commandLine.TryGetValue(variable.Name, out var argument)) return (variable.Name, argument);
        if (environment(variable.Name) is { Length: > 0 } own) return (variable.Name, own);
        if (variable.ReferenceName is not { } name) return null;
        return environment(name) is { Length: > 0 } theirs ? (name, theirs) : null;
    }
}
