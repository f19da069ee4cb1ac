namespace Broker.LocalCloud.Configuration;

/// <summary>
/// The account that a newcomer gets without a configuration file: the broker as identity provider; one role with one
/// bucket each for mail, vault, memory and config, in which a session reaches its own prefix and nothing else, twice
/// over (role policy and bucket policy); and the user <c>agentkeys-daemon</c> for brokers that call <c>AssumeRole</c>.
/// </summary>
internal static class QuickstartCloud
{
    public const string Account = "000000000000";
    public const string DaemonUser = "agentkeys-daemon";
    public const string MailDomain = "agentkeys.test";

    private const string OwnOmni = "bots/${aws:PrincipalTag/agentkeys_actor_omni}/*";
    private const string OwnWallet = "bots/${aws:PrincipalTag/agentkeys_user_wallet}/*";

    /// <summary>
    /// The configuration file for a broker with this issuer; <see cref="CloudDocument.Parse"/> reads it.
    /// </summary>
    public static string Json(string issuer) => $$"""
        {
          "account": "{{Account}}",
          "providers": [{ "issuer": "{{issuer}}", "clientIds": ["sts.amazonaws.com"] }],
          "roles": [
            {{Role("agentkeys-data-role", "agentkeys-mail", issuer, [OwnOmni, OwnWallet], MailStatement)}},
            {{Role("agentkeys-vault-role", "agentkeys-vault", issuer, [OwnOmni])}},
            {{Role("agentkeys-memory-role", "agentkeys-memory", issuer, [OwnOmni])}},
            {{Role("agentkeys-config-role", "agentkeys-config", issuer, [OwnOmni])}}
          ],
          "users": [{
            "name": "{{DaemonUser}}",
            "policies": [{ "Version": "2012-10-17", "Statement": [
              { "Sid": "BrokerAssumeData", "Effect": "Allow",
                "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
                "Resource": "arn:aws:iam::{{Account}}:role/agentkeys-*-role" },
              {{MailStatement}}
            ] }]
          }],
          "buckets": [
            {{Bucket("agentkeys-mail", "agentkeys-data-role", [OwnOmni, OwnWallet])}},
            {{Bucket("agentkeys-vault", "agentkeys-vault-role", [OwnOmni])}},
            {{Bucket("agentkeys-memory", "agentkeys-memory-role", [OwnOmni])}},
            {{Bucket("agentkeys-config", "agentkeys-config-role", [OwnOmni])}}
          ],
          "mailIdentities": ["{{MailDomain}}"]
        }
        """;

    private const string MailStatement = $$"""
        { "Sid": "BrokerSendEmail", "Effect": "Allow", "Action": ["ses:SendEmail", "ses:GetEmailIdentity"],
                "Resource": "arn:aws:ses:*:{{Account}}:identity/*" }
        """;

    private static string Role(
        string name, string bucket, string issuer, string[] prefixes, string? moreStatements = null) => $$"""
        {
              "name": "{{name}}",
              "maxSessionSeconds": 43200,
              "trustPolicy": { "Version": "2012-10-17", "Statement": [
                { "Sid": "BrokerTokens", "Effect": "Allow",
                  "Principal": { "Federated": "{{Identity.Arn.OidcProvider(Account, issuer)}}" },
                  "Action": ["sts:AssumeRoleWithWebIdentity", "sts:TagSession", "sts:SetSourceIdentity"],
                  "Condition": {
                    "StringEquals": { "{{Identity.Arn.WithoutScheme(issuer)}}:aud": "sts.amazonaws.com" },
                    "Null": { "aws:RequestTag/agentkeys_actor_omni": "false" } } },
                { "Sid": "Daemon", "Effect": "Allow",
                  "Principal": { "AWS": "arn:aws:iam::{{Account}}:user/{{DaemonUser}}" },
                  "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
                  "Condition": { "Null": { "aws:RequestTag/agentkeys_actor_omni": "false" } } }
              ] },
              "policies": [{ "Version": "2012-10-17", "Statement": [
                { "Sid": "ListOwnPrefix", "Effect": "Allow", "Action": "s3:ListBucket",
                  "Resource": "{{Identity.Arn.Bucket(BucketName(bucket))}}",
                  "Condition": { "StringLike": { "s3:prefix": {{List(prefixes)}} } } },
                { "Sid": "OwnObjects", "Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
                  "Resource": {{Objects(bucket, prefixes)}} }{{(moreStatements is null ? "" : "," + moreStatements)}}
              ] }]
            }
        """;

    private static string Bucket(string bucket, string role, string[] prefixes) => $$"""
        {
              "name": "{{BucketName(bucket)}}",
              "policy": { "Version": "2012-10-17", "Statement": [
                { "Sid": "ListOwnPrefix", "Effect": "Allow",
                  "Principal": { "AWS": "{{Identity.Arn.Role(Account, role)}}" }, "Action": "s3:ListBucket",
                  "Resource": "{{Identity.Arn.Bucket(BucketName(bucket))}}",
                  "Condition": { "Null": { "aws:PrincipalTag/agentkeys_actor_omni": "false" },
                    "StringLike": { "s3:prefix": {{List(prefixes)}} } } },
                { "Sid": "OwnObjects", "Effect": "Allow",
                  "Principal": { "AWS": "{{Identity.Arn.Role(Account, role)}}" },
                  "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
                  "Resource": {{Objects(bucket, prefixes)}},
                  "Condition": { "Null": { "aws:PrincipalTag/agentkeys_actor_omni": "false" } } }
              ] }
            }
        """;

    private static string BucketName(string bucket) => $"{bucket}-{Account}";

    private static string Objects(string bucket, string[] prefixes) =>
        List(prefixes.Select(prefix => Identity.Arn.Object(BucketName(bucket), prefix)));

    private static string List(IEnumerable<string> texts) =>
        $"[{string.Join(", ", texts.Select(text => $"\"{text}\""))}]";
}
