using System.Globalization;

namespace Broker.LocalCloud.Faults;

/// <summary>One fault to inject: which part fails, how, and for a slow part by how much.</summary>
public sealed record Fault(CloudPart Part, FaultKind Kind, TimeSpan Delay = default)
{
    public const string Grammar = "sts|s3|ses followed by -error, -throttle or -slow=SECONDS, e.g. sts-slow=3";

    /// <summary>Reads <see cref="Grammar"/>; seconds are 0 to 600 and may have a fraction.</summary>
    public static Fault? Parse(string text)
    {
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        if (dash < 0) return null;
        CloudPart? part = text[..dash] switch
        {
            "sts" => CloudPart.Sts,
            "s3" => CloudPart.S3,
            "ses" => CloudPart.Ses,
            _ => null,
        };
        if (part is null) return null;
        return text[(dash + 1)..].Split('=') switch
        {
            ["error"] => new(part.Value, FaultKind.Error),
            ["throttle"] => new(part.Value, FaultKind.Throttle),
            ["slow", var seconds] when double.TryParse(
                seconds, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var delay) && delay <= 600 =>
                new(part.Value, FaultKind.Slow, TimeSpan.FromSeconds(delay)),
            _ => null,
        };
    }
}
