using System.Xml.Linq;
using Broker.LocalCloud.Access;
using Broker.LocalCloud.Http;
using Broker.LocalCloud.Identity;
using Broker.LocalCloud.Policies;

namespace Broker.LocalCloud.Sts;

/// <summary>
/// <c>Action=AssumeRole</c>: credentials of a role for a signed caller, with the session tags that the caller asks for.
/// A session that assumes another role (chaining) passes its transitive tags and source identity on, for an hour at
/// most.
/// </summary>
internal sealed class AssumeRole(CloudResources resources, CredentialDirectory credentials, TimeProvider clock)
{
    public const string Action = "AssumeRole";
    private static readonly TimeSpan LongestChained = TimeSpan.FromHours(1);

    public static AwsRefusal TooLong { get; } = StsRefusals.Validation(
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");

    public Outcome<XElement> Handle(StsParameters parameters, Principal caller)
    {
        // 1. The parameters, all of them before anything else.
        var roleArn = parameters.Required("RoleArn", 20, StsParameters.MaxRoleArnLength);
        var sessionName = parameters.RoleSessionName();
        var duration = parameters.Duration();
        var policyText = parameters.Policy();
        var externalId = parameters.Optional("ExternalId", 2, 1224);
        var sourceIdentity = parameters.SourceIdentity();
        if (parameters.Refusal is { } malformed) return malformed;
        var (asked, fault) = SessionTags.Check(parameters.Tags(), parameters.TransitiveTagKeys());
        if (asked is null) return StsRefusals.Validation(fault);

        // 2. What a chained session brings along cannot be replaced.
        var parent = caller as RoleSession;
        if (parent is not null && duration > LongestChained)
            return StsRefusals.Validation(
                "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.");
        if (asked.Values.Keys.FirstOrDefault(key => parent?.TransitiveTagKeys.Contains(key) == true) is { } taken)
            return StsRefusals.Validation(
                $"The tag '{taken}' is already set as a transitive tag of the calling session");
        if (parent?.SourceIdentity is { } inherited && sourceIdentity is not null && sourceIdentity != inherited)
            return StsRefusals.NotAuthorized(caller.Arn, "sts:SetSourceIdentity", roleArn);
        var tags = Inherit(asked, parent);

        // 3. Both sides must agree: the role's trust policy, and the caller's own policies.
        var keys = ConditionKeys(asked, sessionName, externalId, sourceIdentity).ToArray();
        var needed = new List<string> { $"sts:{Action}" };
        if (asked.Values.Count > 0) needed.Add("sts:TagSession");
        if (sourceIdentity is not null) needed.Add("sts:SetSourceIdentity");
        var role = resources.Role(roleArn);
        if (needed.FirstOrDefault(action => role is null || !Trusts(role, caller, action, keys)) is { } refused)
            return StsRefusals.NotAuthorized(caller.Arn, refused, roleArn);

        // 4. The session.
        if (duration > role!.MaxSessionDuration) return TooLong;
        var narrowed = SessionPolicy.Read(policyText, tags);
        if (narrowed.Refusal is { } unusable) return unusable;
        var session = new RoleSession(
            role, sessionName, tags.Values, tags.TransitiveKeys, sourceIdentity ?? parent?.SourceIdentity,
            narrowed.Value.Document, parent?.FederatedProvider, clock.GetUtcNow());
        var issued = credentials.Issue(session, duration);

        return StsXml.Element(
            $"{Action}Result",
            StsXml.AssumedRoleUser(session),
            StsXml.Credentials(issued),
            StsXml.Optional("SourceIdentity", session.SourceIdentity),
            StsXml.Element("PackedPolicySize", narrowed.Value.PackedPercent));
    }

    /// <summary>The condition keys that speak of requested tags.</summary>
    public static IEnumerable<KeyValuePair<string, string[]>> TagKeys(SessionTags tags)
    {
        foreach (var (key, value) in tags.Values) yield return new($"aws:RequestTag/{key}", [value]);
        if (tags.Values.Count > 0) yield return new("aws:TagKeys", [.. tags.Values.Keys]);
        if (tags.TransitiveKeys.Count > 0) yield return new("sts:TransitiveTagKeys", [.. tags.TransitiveKeys]);
    }

    private static SessionTags Inherit(SessionTags asked, RoleSession? parent)
    {
        if (parent is null || parent.TransitiveTagKeys.Count == 0) return asked;
        var values = new Dictionary<string, string>(asked.Values, StringComparer.OrdinalIgnoreCase);
        foreach (var key in parent.TransitiveTagKeys) values[key] = parent.Tags[key];
        var transitive = asked.TransitiveKeys.Union(parent.TransitiveTagKeys);
        return new(values, transitive.ToHashSet(StringComparer.OrdinalIgnoreCase));
    }

    private static bool Trusts(
        IamRole role, Principal caller, string action, IReadOnlyList<KeyValuePair<string, string[]>> keys)
    {
        var request = new AccessRequest(action, role.Arn, caller.Names, [.. caller.ConditionKeys(), .. keys]);
        return role.TrustPolicy.Ask(request).Allows
            && Authorization.Allows(caller, action, role.Arn, role.TrustPolicy, keys);
    }

    private static IEnumerable<KeyValuePair<string, string[]>> ConditionKeys(
        SessionTags tags, string sessionName, string? externalId, string? sourceIdentity)
    {
        yield return new("sts:RoleSessionName", [sessionName]);
        if (externalId is not null) yield return new("sts:ExternalId", [externalId]);
        if (sourceIdentity is not null) yield return new("sts:SourceIdentity", [sourceIdentity]);
        foreach (var key in TagKeys(tags)) yield return key;
    }
}
