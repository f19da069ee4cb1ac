namespace Broker.Configuration;

/// <summary>
/// The process must not start like this. <see cref="Line"/> is the one line that goes to standard error:
/// <c>BOOT_FAIL: &lt;VAR&gt;="&lt;value&gt;": &lt;reason&gt;; see README#&lt;anchor&gt;</c>.
/// </summary>
internal sealed class BootFailException(
    string variable, string value, string reason, string anchor, Exception? cause = null)
    : Exception($"{variable}: {reason}", cause)
{
    public string Line { get; } = OneLine($"BOOT_FAIL: {variable}=\"{value}\": {reason}; see README#{anchor}");

    /// <summary>A fault with the value of <paramref name="setting"/>; a secret's value is left out.</summary>
    public static BootFailException At(Setting setting, string? value, string reason, Exception? cause = null) =>
        new(setting.Name, setting.Secret && value is { Length: > 0 } ? "<secret>" : value ?? "", reason,
            setting.Anchor, cause);

    private static string OneLine(string text) => string.Create(text.Length, text, static (line, source) =>
    {
        for (var i = 0; i < source.Length; i++) line[i] = char.IsControl(source[i]) ? ' ' : source[i];
    });
}
