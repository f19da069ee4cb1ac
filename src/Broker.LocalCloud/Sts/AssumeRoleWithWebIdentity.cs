using System.Xml.Linq;
using Broker.LocalCloud.Http;
using Broker.LocalCloud.Identity;
using Broker.LocalCloud.Policies;

namespace Broker.LocalCloud.Sts;

/// <summary>
/// <c>Action=AssumeRoleWithWebIdentity</c>: credentials of a role for whoever holds a token that the role's trust
/// policy accepts. Unsigned: the token is the proof.
/// </summary>
internal sealed class AssumeRoleWithWebIdentity(
    CloudResources resources, WebIdentityVerifier verifier, CredentialDirectory credentials, TimeProvider clock)
{
    public const string Action = "AssumeRoleWithWebIdentity";

    public async Task<Outcome<XElement>> HandleAsync(StsParameters parameters, CancellationToken stop)
    {
        // 1. The parameters, all of them before anything else.
        var roleArn = parameters.Required("RoleArn", 20, StsParameters.MaxRoleArnLength);
        var sessionName = parameters.RoleSessionName();
        var compact = parameters.Required("WebIdentityToken", 4, 20_000);
        var duration = parameters.Duration();
        var policyText = parameters.Policy();
        if (parameters.Refusal is { } malformed) return malformed;

        // 2. The token: genuine, current, for us.
        var verified = await verifier.VerifyAsync(compact, stop);
        if (verified.Refusal is { } untrusted) return untrusted;
        var identity = verified.Value;

        // 3. The issuer's own choice of roles comes before the trust policy.
        if (identity.Roles is { } roles && !roles.Contains(roleArn))
            return StsRefusals.InvalidIdentityToken(
                "The target role ARN is not present in the roles claim of the identity token");

        // 4. The role's trust policy. A role that does not exist answers like one that does not trust.
        if (resources.Role(roleArn) is not { } role) return StsRefusals.NotAuthorized($"sts:{Action}");
        if (Untrusted(role, identity, sessionName) is { } action) return StsRefusals.NotAuthorized(action);

        // 5. The session: not longer than the role allows, narrowed by the policy sent along.
        if (duration > role.MaxSessionDuration) return AssumeRole.TooLong;
        var narrowed = SessionPolicy.Read(policyText, identity.Tags);
        if (narrowed.Refusal is { } unusable) return unusable;
        var session = new RoleSession(
            role, sessionName, identity.Tags.Values, identity.Tags.TransitiveKeys, identity.SourceIdentity,
            narrowed.Value.Document, identity.Provider.Arn, clock.GetUtcNow());
        var issued = credentials.Issue(session, duration);

        return StsXml.Element(
            $"{Action}Result",
            StsXml.Element("SubjectFromWebIdentityToken", identity.Subject),
            StsXml.Element("Audience", identity.Audience),
            StsXml.AssumedRoleUser(session),
            StsXml.Credentials(issued),
            StsXml.Element("Provider", identity.Provider.Arn),
            StsXml.Optional("SourceIdentity", identity.SourceIdentity),
            StsXml.Element("PackedPolicySize", narrowed.Value.PackedPercent));
    }

    /// <returns>The first action that the trust policy does not allow to this identity, or null.</returns>
    private static string? Untrusted(IamRole role, WebIdentity identity, string sessionName)
    {
        var names = new[] { new PrincipalName("Federated", identity.Provider.Arn, PrincipalMatch.Identity) };
        var keys = ConditionKeys(identity, sessionName).ToArray();
        var needed = new List<string> { $"sts:{Action}" };
        if (identity.Tags.Values.Count > 0) needed.Add("sts:TagSession");
        if (identity.SourceIdentity is not null) needed.Add("sts:SetSourceIdentity");
        return needed.FirstOrDefault(action =>
            !role.TrustPolicy.Ask(new AccessRequest(action, role.Arn, names, keys)).Allows);
    }

    private static IEnumerable<KeyValuePair<string, string[]>> ConditionKeys(WebIdentity identity, string sessionName)
    {
        var prefix = identity.Provider.ConditionPrefix;
        yield return new($"{prefix}:aud", [identity.Audience]);
        yield return new($"{prefix}:sub", [identity.Subject]);
        if (identity.AuthorizedParty is { } party) yield return new($"{prefix}:azp", [party]);
        if (identity.AuthenticationMethods is { } methods) yield return new($"{prefix}:amr", [.. methods]);
        yield return new("aws:FederatedProvider", [identity.Provider.Arn]);
        yield return new("sts:RoleSessionName", [sessionName]);
        yield return new("sts:RoleAuthorizedByIdp", [identity.Roles is null ? "false" : "true"]);
        if (identity.SourceIdentity is { } source) yield return new("sts:SourceIdentity", [source]);
        foreach (var key in AssumeRole.TagKeys(identity.Tags)) yield return key;
    }
}
