using Broker.LocalCloud.Identity;

namespace Broker.LocalCloud.Http;

/// <summary>What is not AWS: <c>GET /healthz</c>, and the front page's text, which says what this is.</summary>
internal static class AboutRoutes
{
    public const string Warning =
        "Broker local cloud: a DEVELOPMENT TOOL, not AWS. Loopback only; keep nothing of value in it.";

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/healthz", () => Results.Text("ok"));

    /// <summary>For people who look at the root with a browser or with curl.</summary>
    public static IResult FrontPage(CloudResources resources) => Results.Text($"""
        {Warning}

        Serves STS (POST /, Query protocol), S3 (path style) and SES v2 for account {resources.Account}.
        OIDC providers: {string.Join(", ", resources.Providers.Select(provider => provider.Issuer))}
        Roles:          {string.Join(", ", resources.Roles.Select(role => role.Arn))}
        Buckets:        {string.Join(", ", resources.Buckets.Select(bucket => bucket.Name))}
        Mails taken:    GET /_local/mails
        """ + "\n");
}
