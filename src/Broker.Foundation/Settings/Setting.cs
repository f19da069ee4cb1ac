namespace Broker.Foundation.Settings;

/// <summary>
/// One environment variable: its name, what it means, what it may hold. The feature that reads it declares it.
/// </summary>
public abstract record Setting(string Name, string Group, string Meaning)
{
    /// <summary>Shown in <c>broker.env.example</c>; null where there is no default.</summary>
    public string? Default { get; init; }

    /// <summary>The key of another program's settings file that it mirrors; null where there is none.</summary>
    public string? Mirrors { get; init; }

    /// <summary>The accepted form and bounds, in words.</summary>
    public required string Form { get; init; }

    /// <summary>Older names, read in this order when <see cref="Setting.Name"/> is unset.</summary>
    public string[] Aliases { get; init; } = [];

    /// <summary>The README's anchor for it.</summary>
    public required string Anchor { get; init; }

    /// <summary>A secret's value is never printed, not even when it is wrong.</summary>
    public bool Secret { get; init; }

    /// <summary>True where the value is an address: user info and query of a wrong one are not printed.</summary>
    public bool IsAddress { get; init; }

    /// <summary>Its fault is told before all others.</summary>
    public bool ComesFirst { get; init; }

    /// <summary>Reads <paramref name="value"/> for its form alone.</summary>
    /// <exception cref="FormatException">It is not of the setting's form.</exception>
    public abstract void Check(string value);
}

/// <summary>
/// A setting with its reader; <paramref name="Parse"/> throws <see cref="FormatException"/> with the reason.
/// </summary>
public sealed record Setting<T>(string Name, string Group, string Meaning, Func<string, T> Parse)
    : Setting(Name, Group, Meaning)
{
    public override void Check(string value) => Parse(value);
}
