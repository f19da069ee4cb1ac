using Broker.Foundation.Settings;

namespace Broker.AwsAccount;

/// <summary>The region, and the broker's own AWS credentials.</summary>
internal static class AwsAccountSettings
{
    public static readonly Setting<string> Region = new("BROKER_AWS_REGION", "AWS", "AWS region.", RegionName)
    {
        Default = "us-east-1",
        Form = "a region name: 1 to 32 letters, digits and inner hyphens",
        Anchor = "sts",
        Aliases = ["REGION", "AWS_REGION", "AWS_DEFAULT_REGION"],
    };

    public static readonly Setting<string> DaemonAccessKeyId = new("DAEMON_ACCESS_KEY_ID", "AWS",
        "Static IAM user key of the broker itself; only with its secret. Prefer web_identity, which needs no key.",
        AccessKeyId)
    {
        Form = "an access key id of at most 128 characters without white space",
        Anchor = "aws-credentials",
        Aliases = ["BROKER_DAEMON_ACCESS_KEY_ID"],
    };

    public static readonly Setting<string> DaemonSecretAccessKey = new("DAEMON_SECRET_ACCESS_KEY", "AWS",
        "The secret of DAEMON_ACCESS_KEY_ID.", SecretKey)
    {
        Form = "a secret of at most 256 characters without white space",
        Anchor = "aws-credentials",
        Aliases = ["BROKER_DAEMON_SECRET_ACCESS_KEY"],
        Secret = true,
    };

    /// <summary>In the order in which <c>broker.env.example</c> prints them.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        Region, DaemonAccessKeyId, DaemonSecretAccessKey,
    ];

    private static string AccessKeyId(string value) =>
        value.Length <= 128 && value.All(c => c is > ' ' and <= '~')
            ? value
            : throw new FormatException("must be at most 128 characters of ASCII without white space");

    private static string SecretKey(string value) =>
        value.Length <= 256 && value.All(c => c is > ' ' and <= '~')
            ? value
            : throw new FormatException("must be at most 256 characters of ASCII without white space");

    /// <summary>
    /// It becomes a label of a host name and a part of signatures. Wider than AWS's own names on purpose: other
    /// implementations have regions such as RegionOne.
    /// </summary>
    private static string RegionName(string value) =>
        value.Length <= 32 && value.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')
            && value[0] != '-' && value[^1] != '-'
            ? value
            : throw new FormatException("must be a region name such as us-east-1: letters, digits and inner hyphens");
}
