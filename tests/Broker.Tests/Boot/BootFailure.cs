using Broker.Foundation.Settings;
using Broker.Modules;
using Broker.Tests.Hosting;

namespace Broker.Tests.Boot;

/// <summary>A start in this process that must fail: gives the line that would stand on standard error.</summary>
internal static class BootFailure
{
    /// <summary>Reads the settings only.</summary>
    public static string OfSettings(params (string Name, string Value)[] settings) =>
        Should.Throw<BootFailException>(() => BootOptions.Of(settings)).Line;

    /// <summary>Goes on to the keys, the stores and the probe.</summary>
    public static async Task<string> OfStartAsync(
        StartupChoices choices, params (string Name, string Value)[] settings) =>
        (await Should.ThrowAsync<BootFailException>(async () =>
        {
            await using var app = await BrokerHost.BuildAsync(
                Environment(settings), choices, TimeProvider.System, CancellationToken.None);
        })).Line;

    /// <summary>A start with another list of modules, and nothing but what is required beside these settings.</summary>
    public static async Task<string> OfStartAsync(
        IReadOnlyList<BrokerModule> modules, params (string Name, string Value)[] settings)
    {
        using var folder = new TemporaryFolder();
        (string, string)[] required =
        [
            ("BROKER_PORT", "0"), ("BROKER_OIDC_ISSUER", BrokerApp.Issuer), ("BROKER_DATA_DIR", folder.Path),
            ("BROKER_DATA_ROLE_ARN", BrokerApp.DataRole),
        ];
        return (await Should.ThrowAsync<BootFailException>(async () =>
        {
            await using var app = await BrokerHost.BuildAsync(
                Environment([.. required, .. settings]), new StartupChoices(CreateMissingKeys: true),
                TimeProvider.System, CancellationToken.None, modules);
        })).Line;
    }

    public static BootEnvironment Environment(params (string Name, string Value)[] settings) =>
        new(settings.ToDictionary(one => one.Name, one => one.Value, StringComparer.Ordinal));
}
