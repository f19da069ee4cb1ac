using System.Text.Json.Nodes;

namespace Broker.Cli.Iam;

/// <summary>
/// What IAM and S3 are told. A token of the broker opens a role, and the session reaches its actor's own prefix: by
/// the role's policy, and once more by the bucket's, so that a mistake in one of the two opens nothing.
/// </summary>
internal static class PolicyDocuments
{
    public const string Audience = "sts.amazonaws.com";
    public const string ActorTag = "agentkeys_actor_omni";
    private const string OwnPrefix = $"bots/${{aws:PrincipalTag/{ActorTag}}}/*";
    private const string OwnMailPrefix = "bots/${aws:PrincipalTag/agentkeys_user_wallet}/*";
    private const string PrincipalTag = $"aws:PrincipalTag/{ActorTag}";

    /// <summary>The input of <c>CreateOpenIDConnectProvider</c>. AWS fetches the keys itself.</summary>
    public static JsonObject Provider(string issuer) => new()
    {
        ["Url"] = issuer,
        ["ClientIDList"] = Texts(Audience),
    };

    /// <summary>
    /// The role's trust: in the issuer, or in the role that is assumed first. Tags are demanded, for a session without
    /// them has no prefix of its own. On a hop the caller's session has them; they are transitive.
    /// </summary>
    /// <param name="demandPin">Only for tokens that name this role (claim <c>https://aws.amazon.com/roles</c>).</param>
    public static JsonObject Trust(IamRole role, string issuer, bool demandPin)
    {
        if (role.Via is { } via)
        {
            return Document(new JsonObject
            {
                ["Sid"] = "PreviousRole",
                ["Effect"] = "Allow",
                ["Principal"] = new JsonObject { ["AWS"] = via },
                ["Action"] = Texts("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"),
                ["Condition"] = new JsonObject { ["Null"] = new JsonObject { [PrincipalTag] = "false" } },
            });
        }

        var condition = new JsonObject
        {
            ["StringEquals"] = new JsonObject { [$"{IssuerName.Of(issuer)}:aud"] = Audience },
            ["Null"] = new JsonObject { [$"aws:RequestTag/{ActorTag}"] = "false" },
        };
        if (demandPin) condition["Bool"] = new JsonObject { ["sts:RoleAuthorizedByIdp"] = "true" };
        return Document(new JsonObject
        {
            ["Sid"] = "BrokerTokens",
            ["Effect"] = "Allow",
            ["Principal"] = new JsonObject { ["Federated"] = role.ProviderArn(issuer) },
            ["Action"] = Texts("sts:AssumeRoleWithWebIdentity", "sts:TagSession", "sts:SetSourceIdentity"),
            ["Condition"] = condition,
        });
    }

    public static JsonObject Bucket(IamRole role)
    {
        var (list, objects) = (ListOwnPrefix(role), OwnObjects(role));
        foreach (var statement in new[] { list, objects })
            statement["Principal"] = new JsonObject { ["AWS"] = role.Arn };
        list["Condition"]!["Null"] = new JsonObject { [PrincipalTag] = "false" };
        objects["Condition"] = new JsonObject { ["Null"] = new JsonObject { [PrincipalTag] = "false" } };
        return Document(list, objects);
    }

    /// <summary>The role's own policy; with the next step for a role from which others are assumed.</summary>
    public static JsonObject RolePolicy(IamRole role)
    {
        var statements = new List<JsonObject>();
        if (role.Bucket is not null) statements.AddRange([ListOwnPrefix(role), OwnObjects(role)]);
        if (role.NextRoles.Count > 0)
        {
            statements.Add(new JsonObject
            {
                ["Sid"] = "AssumeNextRoles",
                ["Effect"] = "Allow",
                ["Action"] = Texts("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"),
                ["Resource"] = Texts([.. role.NextRoles]),
            });
        }

        return Document([.. statements]);
    }

    // s3:prefix exists for listings alone: in one statement with the others it would refuse those.
    private static JsonObject ListOwnPrefix(IamRole role) => new()
    {
        ["Sid"] = "ListOwnPrefix",
        ["Effect"] = "Allow",
        ["Action"] = "s3:ListBucket",
        ["Resource"] = role.BucketArn,
        ["Condition"] = new JsonObject { ["StringLike"] = new JsonObject { ["s3:prefix"] = Texts(Prefixes(role)) } },
    };

    private static JsonObject OwnObjects(IamRole role) => new()
    {
        ["Sid"] = "OwnObjects",
        ["Effect"] = "Allow",
        ["Action"] = Texts(
            "s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload",
            "s3:ListMultipartUploadParts"),
        ["Resource"] = Texts([.. Prefixes(role).Select(prefix => $"{role.BucketArn}/{prefix}")]),
    };

    private static string[] Prefixes(IamRole role) => role.HoldsMail ? [OwnPrefix, OwnMailPrefix] : [OwnPrefix];

    private static JsonObject Document(params JsonObject[] statements) => new()
    {
        ["Version"] = "2012-10-17",
        ["Statement"] = new JsonArray([.. statements]),
    };

    private static JsonArray Texts(params string[] texts) => new([.. texts.Select(text => (JsonNode)text)]);
}
