using System.Text.RegularExpressions;

namespace Broker.AwsAccount;

/// <summary>The error codes of AWS's services. They may be told; the messages beside them may not.</summary>
internal static partial class AwsErrorCode
{
    private const string Unknown = "Unknown";

    /// <summary>The code where it has the form of one; <c>Unknown</c> for anything else.</summary>
    public static string Of(string? code) => code is not null && Form().IsMatch(code) ? code : Unknown;

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9._]{0,63}$")]
    private static partial Regex Form();
}
