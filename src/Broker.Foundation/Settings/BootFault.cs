namespace Broker.Foundation.Settings;

/// <summary>
/// One reason why the process must not start, as one line:
/// <c>BOOT_FAIL: &lt;VAR&gt;="&lt;value&gt;": &lt;reason&gt;; see README#&lt;anchor&gt;</c>.
/// </summary>
/// <param name="Value">As it may be shown; see <see cref="Of"/>.</param>
public sealed record BootFault(string Variable, string Value, string Reason, string Anchor)
{
    /// <summary>
    /// A fault with the value of <paramref name="setting"/>. A secret's value is left out, and so are user info and
    /// query of an address.
    /// </summary>
    public static BootFault Of(Setting setting, string? value, string reason) => new(
        setting.Name,
        setting.Secret && value is { Length: > 0 } ? "<secret>" : Shown(value ?? "", setting.IsAddress),
        reason,
        setting.Anchor)
    {
        ComesFirst = setting.ComesFirst,
    };

    /// <summary>Told before all others.</summary>
    public bool ComesFirst { get; init; }

    /// <summary>The value without what could be a secret in an address.</summary>
    public static string Shown(string value, bool isAddress) =>
        isAddress || value.Contains("://", StringComparison.Ordinal) ? ForeignText.WithoutSecrets(value) : value;

    public override string ToString()
    {
        var text = $"BOOT_FAIL: {Variable}=\"{Value}\": {Reason}; see README#{Anchor}";
        return string.Create(text.Length, text, static (line, source) =>
        {
            for (var i = 0; i < source.Length; i++) line[i] = char.IsControl(source[i]) ? ' ' : source[i];
        });
    }
}
