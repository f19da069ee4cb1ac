using Broker.Foundation.Settings;

namespace Broker.KmsAuthorizer.Tests.Configuration;

/// <summary>Settings as a start reads them.</summary>
internal static class Reading
{
    public static AuthorizerSettings Of(IReadOnlyList<string> arguments, Dictionary<string, string> variables) =>
        AuthorizerSettings.Read(arguments, new BootEnvironment(variables));

    /// <summary>What such a start prints; nothing where the settings can be used.</summary>
    public static IReadOnlyList<BootFault> Faults(
        IReadOnlyList<string> arguments, Dictionary<string, string> variables)
    {
        try
        {
            Of(arguments, variables);
            return [];
        }
        catch (BootFailException fail)
        {
            return fail.Faults;
        }
    }
}
