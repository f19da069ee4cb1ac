namespace Broker.Cli.Running;

/// <summary>
/// Variables that name credentials to AWS's clients, or the session to us. A command gets none of them but those that
/// are meant for it: several providers go before others, and the wrong one would win unseen.
/// </summary>
internal static class AwsVariables
{
    public const string EndpointAddress = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
    public const string EndpointToken = "AWS_CONTAINER_AUTHORIZATION_TOKEN";

    /// <summary>AWS SDKs and Tools Reference Guide, "Environment variables", with the session's own.</summary>
    public static IReadOnlyList<string> OfCredentials { get; } =
    [
        "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN",
        "AWS_CREDENTIAL_EXPIRATION", "AWS_ACCOUNT_ID", "AWS_PROFILE", "AWS_DEFAULT_PROFILE",
        "AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME", "AWS_WEB_IDENTITY_TOKEN_FILE",
        EndpointAddress, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", EndpointToken,
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", Sessions.SessionKeeper.TokenVariable,
    ];
}
