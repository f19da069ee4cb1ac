using System.Text;
using Broker.Foundation.Settings;
using Broker.Kms.Configuration;
using Broker.KmsAuthorizer.Configuration;
using Broker.Modules;

namespace Broker;

/// <summary>Prints <c>broker.env.example</c> from what the modules, the KMS and its authorizer declare.</summary>
internal static class EnvironmentExample
{
    private const int Width = 100;

    /// <param name="modules">Those of the house.</param>
    public static string Print(IEnumerable<BrokerModule> modules)
    {
        var text = new StringBuilder("""
            # Every setting of Broker, with its default, bounds and meaning. Printed by `dotnet Broker.dll settings`.
            # Copy to /etc/agentkeys/broker.env (mode 0600) and take away the `#` where you want another value.
            # An empty value counts as unset.

            """);
        IEnumerable<Setting> all = [.. BrokerModules.SettingsOf(modules), .. KmsSettings.All, .. Variables.All];
        foreach (var group in all.GroupBy(setting => setting.Group))
        {
            text.Append('\n').Append("# === ").Append(group.Key).Append(" ===\n");
            foreach (var setting in group) Append(text, setting);
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, Setting setting)
    {
        text.Append('\n');
        var mirrors = setting.Mirrors is { } key ? $" ({key})" : "";
        foreach (var line in Wrap(setting.Meaning + mirrors)) text.Append("# ").Append(line).Append('\n');
        text.Append("# Form: ").Append(setting.Form);
        if (setting.Default is { Length: > 0 }) text.Append(". Default: ").Append(setting.Default);
        if (setting.Aliases.Length > 0) text.Append(". Also read: ").AppendJoin(", ", setting.Aliases);
        text.Append(".\n#").Append(setting.Name).Append('=').Append(setting.Default ?? "").Append('\n');
    }

    private static IEnumerable<string> Wrap(string words)
    {
        var line = new StringBuilder();
        foreach (var word in words.Split(' '))
        {
            if (line.Length + word.Length + 1 > Width)
            {
                yield return line.ToString();
                line.Clear();
            }

            if (line.Length > 0) line.Append(' ');
            line.Append(word);
        }

        yield return line.ToString();
    }
}
