using System.Globalization;
using Broker.Foundation.Settings;
using Broker.SigningKeys;

namespace Broker.KeyRotation;

/// <summary>How long a key of each purpose signs before the next one does; those that are not named stay.</summary>
internal sealed record RotationOptions(IReadOnlyDictionary<string, TimeSpan> Periods)
{
    // Announced for a day, and published for another after its time.
    private const int FewestDays = 3;
    private const int MostDays = 3650;

    public static RotationOptions Read(BootEnvironment boot) => new(boot.Read(RotationSettings.Periods));

    /// <exception cref="FormatException">Not of the form <c>oidc=90d,session=30d</c>.</exception>
    internal static Dictionary<string, TimeSpan> Parse(string text)
    {
        var periods = new Dictionary<string, TimeSpan>(StringComparer.Ordinal);
        foreach (var pair in SettingForms.List(text))
        {
            if (pair.Split('=') is not [var purpose, [.. var digits, 'd']]
                || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var days)
                || days is < FewestDays or > MostDays)
            {
                throw new FormatException(
                    $"must be pairs such as oidc=90d, each of {FewestDays} to {MostDays} days");
            }

            if (!KeyPurpose.All.Contains(purpose))
                throw new FormatException($"names no purpose of {string.Join(", ", KeyPurpose.All)}");
            if (!periods.TryAdd(purpose, TimeSpan.FromDays(days)))
                throw new FormatException($"names {purpose} twice");
        }

        return periods;
    }
}

/// <summary>The schedule of the keys.</summary>
internal static class RotationSettings
{
    public static readonly Setting<Dictionary<string, TimeSpan>> Periods = new("BROKER_KEY_ROTATION", "OIDC",
        "How long keys sign: after so many days the next one does, which is made and published a day before. Keys that "
        + "are not named change by brokerctl keys rotate alone.", RotationOptions.Parse)
    { Default = "", Form = "comma list of oidc|oidc-rs256|session|ledger=<days>d", Anchor = "key-rotation" };

    /// <summary>In the order in which <c>broker.env.example</c> prints them.</summary>
    public static IReadOnlyList<Setting> All { get; } = [Periods];
}
