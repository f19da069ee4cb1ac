namespace Broker.Foundation.Settings;

/// <summary>The process must not start like this. <see cref="Line"/> is what goes to standard error.</summary>
public sealed class BootFailException(IReadOnlyList<BootFault> faults, Exception? cause = null)
    : Exception($"{faults[0].Variable}: {faults[0].Reason}", cause)
{
    /// <summary>Everything that is wrong, at least one thing.</summary>
    public IReadOnlyList<BootFault> Faults { get; } = faults;

    /// <summary>One line for each fault.</summary>
    public string Line => string.Join('\n', Faults);

    /// <summary>A fault with the value of <paramref name="setting"/>; a secret's value is left out.</summary>
    public static BootFailException At(Setting setting, string? value, string reason, Exception? cause = null) =>
        new([BootFault.Of(setting, value, reason)], cause);
}
