using Broker.Foundation.Settings;

namespace Broker.Kms.Configuration;

/// <summary>
/// Declares settings of the KMS. A setting that mirrors a key of <c>kms.toml</c> is named after it: the key's path in
/// capitals, <c>core.</c> dropped, dots as underscores, <c>BROKER_KMS_</c> in front.
/// </summary>
internal static class KmsSetting
{
    public const string Prefix = "BROKER_KMS_";

    private const string Core = "core.";

    /// <summary>A setting that mirrors a key of <c>kms.toml</c>.</summary>
    public static Setting<T> Mirror<T>(
        string key, string meaning, string form, Func<string, T> parse, string? standard = null)
    {
        var path = key.StartsWith(Core, StringComparison.Ordinal) ? key[Core.Length..] : key;
        var name = path.Replace('.', '_').ToUpperInvariant();
        return Ours(name, meaning, form, parse, standard) with { Mirrors = $"kms.toml: {key}" };
    }

    /// <summary>A setting that dstack does not have.</summary>
    public static Setting<T> Ours<T>(
        string name, string meaning, string form, Func<string, T> parse, string? standard = null) =>
        new(Prefix + name, "KMS (BROKER_MODULES=kms)", meaning, parse)
        {
            Default = standard,
            Form = form,
            Anchor = "kms",
            IsAddress = form is KmsForms.Url or KmsForms.Agent,
        };
}
