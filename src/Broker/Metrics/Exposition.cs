using System.Text;

namespace Broker.Metrics;

/// <summary>Lines of the Prometheus exposition format 0.0.4.</summary>
internal static class Exposition
{
    public static void Append(StringBuilder text, string name, string help, string type, long value)
    {
        AppendHead(text, name, help, type);
        text.Append(name).Append(' ').Append(value).Append('\n');
    }

    public static void AppendHead(StringBuilder text, string name, string help, string type) =>
        text.Append("# HELP ").Append(name).Append(' ').Append(help)
            .Append("\n# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
}
