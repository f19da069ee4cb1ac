namespace Broker.Kms.Configuration;

/// <summary>A variable whose value cannot be used.</summary>
/// <param name="Variable">Its name, <c>BROKER_KMS_…</c>.</param>
/// <param name="Value">What it holds; empty for a secret.</param>
/// <param name="Reason">What was expected, in words for an operator.</param>
public sealed record KmsSettingFault(string Variable, string Value, string Reason)
{
    /// <summary>True where user info and query of the value must not be shown.</summary>
    public bool IsAddress { get; init; }
}

/// <summary>One variable: what it is called, what it means, and how its text becomes part of the options.</summary>
/// <param name="Name">The full name, <c>BROKER_KMS_…</c>.</param>
/// <param name="TomlKey">The key of <c>kms.toml</c> that it mirrors; empty for one that is ours.</param>
/// <param name="Default">The default as text.</param>
/// <param name="Meaning">One line for the README and the example file.</param>
/// <param name="Form">The accepted form and bounds, in words.</param>
public sealed record KmsSetting(string Name, string TomlKey, string Default, string Meaning, string Form)
{
    /// <summary>True when the value must not be shown.</summary>
    public bool IsSecret { get; init; }

    /// <summary>True where user info and query of a wrong value must not be shown.</summary>
    public bool IsAddress => Form is Forms.Url or Forms.Agent;

    /// <summary>
    /// Takes the text into the options, or throws <see cref="FormatException"/> with the expected form.
    /// </summary>
    internal Func<KmsOptions, string, KmsOptions> Apply { get; init; } = (options, _) => options;
}
