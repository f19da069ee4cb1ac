using Broker.Foundation.Settings;
using static Broker.Foundation.Settings.SettingForms;

namespace Broker.Grants;

/// <summary>Grants.</summary>
internal static class GrantSettings
{
    public static readonly Setting<bool> RequireExplicitGrant = new("BROKER_REQUIRE_EXPLICIT_GRANT", "Delegation",
        "Refuse every mint that rests on no grant: it must be signed, with the intent.service that a grant is for. "
        + "Agents that a master has paired need none, their path policy decides; nor do capabilities, their gates do. "
        + "GET /v1/mail is no signed mint: only agents read mail then.", Switch)
    { Default = "false", Form = TrueOrFalse, Anchor = "grants" };

    /// <summary>In the order in which <c>broker.env.example</c> prints them.</summary>
    public static IReadOnlyList<Setting> All { get; } = [RequireExplicitGrant];
}

/// <summary>Whether a mint needs a grant.</summary>
internal sealed record GrantOptions(bool RequireExplicitGrant)
{
    public static GrantOptions Read(BootEnvironment boot) => new(boot.Read(GrantSettings.RequireExplicitGrant));
}
