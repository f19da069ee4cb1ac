using System.Text;
using Broker.Configuration;
using Broker.Kms.Configuration;
using Broker.KmsAuthorizer.Configuration;
using Broker.Modules;

namespace Broker;

/// <summary>Prints <c>broker.env.example</c> from what the modules declare.</summary>
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
        foreach (var group in BrokerModules.SettingsOf(modules).GroupBy(setting => setting.Group))
        {
            text.Append('\n').Append("# === ").Append(group.Key).Append(" ===\n");
            foreach (var setting in group) Append(text, setting);
        }

        text.Append("\n# === KMS (BROKER_MODULES=kms) ===\n");
        foreach (var setting in KmsSettings.All) Append(text, setting);

        text.Append("\n# === KMS authorizer (a program of its own: Broker.KmsAuthorizer) ===\n");
        foreach (var variable in Variables.All) Append(text, variable);
        return text.ToString();
    }

    private static void Append(StringBuilder text, Setting setting)
    {
        text.Append('\n');
        foreach (var line in Wrap(setting.Meaning)) text.Append("# ").Append(line).Append('\n');
        text.Append("# Form: ").Append(setting.Form);
        if (setting.Default is { Length: > 0 }) text.Append(". Default: ").Append(setting.Default);
        if (setting.Aliases.Length > 0) text.Append(". Also read: ").AppendJoin(", ", setting.Aliases);
        text.Append(".\n#").Append(setting.Name).Append('=').Append(setting.Default ?? "").Append('\n');
    }

    private static void Append(StringBuilder text, KmsSetting setting)
    {
        text.Append('\n');
        var mirrored = setting.TomlKey.Length > 0 ? $" (kms.toml: {setting.TomlKey})" : "";
        foreach (var line in Wrap(setting.Meaning + mirrored)) text.Append("# ").Append(line).Append('\n');
        text.Append("# Form: ").Append(setting.Form);
        if (setting.Default.Length > 0) text.Append(". Default: ").Append(setting.Default);
        text.Append(".\n#").Append(setting.Name).Append('=').Append(setting.Default).Append('\n');
    }

    private static void Append(StringBuilder text, Variable variable)
    {
        text.Append('\n');
        foreach (var line in Wrap(variable.Meaning)) text.Append("# ").Append(line).Append('\n');
        text.Append("# Form: ").Append(variable.Form);
        if (variable.Default is not null) text.Append(". Default: ").Append(variable.Default);
        if (variable.ReferenceName is not null) text.Append(". Also read: ").Append(variable.ReferenceName);
        text.Append(".\n#").Append(variable.Name).Append('=').Append(variable.Default).Append('\n');
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
