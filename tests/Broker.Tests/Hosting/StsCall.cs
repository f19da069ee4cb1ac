using System.Text.Json;

namespace Broker.Tests.Hosting;

/// <summary>One call as STS saw it.</summary>
/// <param name="Form">The parameters of the Query protocol.</param>
/// <param name="Authorization">The SigV4 header; empty where the call was anonymous.</param>
public sealed record StsCall(IReadOnlyDictionary<string, string> Form, string Authorization)
{
    public string Action => Form.GetValueOrDefault("Action", "");

    public string? this[string parameter] => Form.GetValueOrDefault(parameter);

    /// <summary>The session tags of an <c>AssumeRole</c>.</summary>
    public IReadOnlyDictionary<string, string> Tags => Members("Tags.member.").ToDictionary(
        at => Form[$"{at}.Key"], at => Form[$"{at}.Value"], StringComparer.Ordinal);

    public IReadOnlyList<string> TransitiveTagKeys => [.. Members("TransitiveTagKeys.member.").Select(at => Form[at])];

    public JsonElement Policy => JsonDocument.Parse(Form["Policy"]).RootElement;

    private IEnumerable<string> Members(string prefix)
    {
        for (var n = 1; Form.Keys.Any(
            key => key == $"{prefix}{n}" || key.StartsWith($"{prefix}{n}.", StringComparison.Ordinal)); n++)
            yield return $"{prefix}{n}";
    }
}

/// <summary>What STS says to a call.</summary>
public sealed record StsReply(int Status, string Body)
{
    /// <summary>An error as AWS words it.</summary>
    public static StsReply Error(int status, string code, string message) => new(status,
        """<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">"""
        + $"<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
        + "<RequestId>sts-1</RequestId></ErrorResponse>");

    /// <summary>A success of <paramref name="action"/> with this result inside.</summary>
    public static StsReply Result(string action, string result) => new(200,
        $"""<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{action}Result>{result}"""
        + $"</{action}Result><ResponseMetadata><RequestId>sts-1</RequestId></ResponseMetadata></{action}Response>");
}
