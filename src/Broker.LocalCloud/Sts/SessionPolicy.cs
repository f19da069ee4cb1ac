using System.Text;
using Broker.LocalCloud.Http;
using Broker.LocalCloud.Policies;

namespace Broker.LocalCloud.Sts;

/// <summary>The inline policy that narrows one session, and how full the session's policy space is.</summary>
/// <param name="Document">The policy, or null when none was sent.</param>
/// <param name="PackedPercent">What <c>PackedPolicySize</c> reports.</param>
internal sealed record SessionPolicy(PolicyDocument? Document, int PackedPercent)
{
    /// <summary>
    /// AWS packs policy and tags into a binary form that it does not describe, and limits that. This stand-in counts
    /// UTF-8 bytes without JSON's blanks against a fixed space: it grows with the same causes, not by the same numbers.
    /// </summary>
    private const int PackedSpace = 4096;

    public static Outcome<SessionPolicy> Read(string? text, SessionTags tags)
    {
        PolicyDocument? document = null;
        if (text is not null && !PolicyDocument.TryParse(text, PolicyKind.Identity, out document, out var fault))
            return StsRefusals.MalformedPolicy(fault);

        var packed = Encoding.UTF8.GetByteCount(text is null ? "" : string.Concat(text.Split()))
            + tags.Values.Sum(tag => Encoding.UTF8.GetByteCount(tag.Key) + Encoding.UTF8.GetByteCount(tag.Value));
        var percent = (int)Math.Ceiling(packed * 100.0 / PackedSpace);
        return percent > 100 ? StsRefusals.PackedPolicyTooLarge(percent) : new SessionPolicy(document, percent);
    }
}
