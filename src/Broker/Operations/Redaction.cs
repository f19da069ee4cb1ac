using System.Text.RegularExpressions;
using Serilog.Core;
using Serilog.Events;

namespace Broker.Operations;

/// <summary>
/// The last net under our logs. No message of ours is given a secret; should a library's be, what looks like a token, a
/// signature, an AWS secret or a bearer header in any property is cut out before it is written.
/// </summary>
internal sealed partial class Redaction : ILogEventEnricher
{
    private const string Removed = "<redacted>";

    public void Enrich(LogEvent logEvent, ILogEventPropertyFactory propertyFactory)
    {
        foreach (var (name, value) in logEvent.Properties)
        {
            if (value is not ScalarValue { Value: string text }) continue;
            var clean = Clean(text);
            if (!ReferenceEquals(clean, text))
                logEvent.AddOrUpdateProperty(new LogEventProperty(name, new ScalarValue(clean)));
        }
    }

    public static string Clean(string text) => Secrets().IsMatch(text) ? Secrets().Replace(text, Removed) : text;

    /// <summary>
    /// JWS compact forms, bearer headers, 65-byte signatures, session tokens and secret keys as STS writes them.
    /// </summary>
    [GeneratedRegex(
        """eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]*)?|Bearer\s+[!-~]+|0x[0-9a-fA-F]{130}"""
        + """|(?<=[Ss]ecret_?[Aa]ccess_?[Kk]ey"?\s*[:=>]\s*"?)[A-Za-z0-9/+=]{20,}"""
        + """|(?<=[Ss]ession_?[Tt]oken"?\s*[:=>]\s*"?)[A-Za-z0-9/+=]{20,}"""
        + """|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*""")]
    private static partial Regex Secrets();
}
