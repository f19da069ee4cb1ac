using System.Globalization;
using System.Text.Json.Serialization;
using Broker.Aws;
using Broker.Foundation;
using Broker.Http;
using Broker.Listening;
using Broker.Refusals;
using Broker.Releases;
using Broker.Roles;
using Broker.Sessions;

namespace Broker.AwsContainer;

/// <summary>
/// The answer of the container credentials provider of AWS's SDKs ("Container credential provider", AWS SDKs and Tools
/// Reference Guide).
/// </summary>
/// <param name="Expiration">RFC 3339, UTC.</param>
/// <param name="AccountId">Of the role; left out where its ARN has no AWS account.</param>
internal sealed record ContainerCredentialsAnswer(
    [property: JsonPropertyName("AccessKeyId")] string AccessKeyId,
    [property: JsonPropertyName("SecretAccessKey")] string SecretAccessKey,
    [property: JsonPropertyName("Token")] string Token,
    [property: JsonPropertyName("Expiration")] string Expiration,
    [property: JsonPropertyName("AccountId"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    string? AccountId)
{
    public static ContainerCredentialsAnswer Of(IssuedCredentials issued)
    {
        var (credentials, account) = (issued.Credentials, issued.Session.Role.Arn.Account);
        return new ContainerCredentialsAnswer(
            credentials.AccessKeyId, credentials.SecretAccessKey, credentials.SessionToken,
            credentials.Expiration.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            account.Length == 12 ? account : null);
    }
}

/// <summary>
/// <c>GET /v1/aws/credentials</c>: with <c>AWS_CONTAINER_CREDENTIALS_FULL_URI</c> and
/// <c>AWS_CONTAINER_AUTHORIZATION_TOKEN</c> every AWS SDK is a client. The SDK sends the token as it stands, so the
/// header is <c>Bearer &lt;token&gt;</c> or the token alone.
/// </summary>
internal static class ContainerCredentials
{
    public const string Path = "/v1/aws/credentials";
    private const string RecordHeader = "AgentKeys-Audit-Record-Id";

    public static void Map(IEndpointRouteBuilder routes)
    {
        Describe(routes.MapGet(Path, (
            HttpContext http, Attempts attempts, Callers callers, IssueAwsCredentials issue, SharedCredentials shared,
            ContainerMetrics metrics) => AnswerAsync(http, null, attempts, callers, issue, shared, metrics)))
            .WithName("containerCredentials")
            .TakesText("role", "The role, by name or ARN; data when left out.", 2048);
        Describe(routes.MapGet($"{Path}/{{role}}", (
            string role, HttpContext http, Attempts attempts, Callers callers, IssueAwsCredentials issue,
            SharedCredentials shared, ContainerMetrics metrics) =>
            AnswerAsync(http, role, attempts, callers, issue, shared, metrics)))
            .WithName("containerCredentialsOfRole");
    }

    private static RouteHandlerBuilder Describe(RouteHandlerBuilder route) => route
        .WithSummary("AWS credentials in the form of the SDKs' container provider")
        .WithDescription(
            "Set AWS_CONTAINER_CREDENTIALS_FULL_URI to this address and AWS_CONTAINER_AUTHORIZATION_TOKEN to the session "
            + "token. Processes of one actor share what STS gave; each answer is on record.")
        .TakesBearer()
        .TakesNumber("duration_seconds", "Lifetime; 3600 when left out.", 900, 43_200)
        .TakesText("reason", "What for, in the caller's own words; it goes on record.", 200)
        .Produces<ContainerCredentialsAnswer>()
        .ProducesRefusals(400, 401, 403, 429, 500, 502, 503);

    private static async Task<IResult> AnswerAsync(
        HttpContext http, string? role, Attempts attempts, Callers callers, IssueAwsCredentials issue,
        SharedCredentials shared, ContainerMetrics metrics)
    {
        using var timed = metrics.Time();
        var attempt = attempts.Begin(http, AwsCredentialRelease.Kind, RoleCatalogue.DefaultName);

        // Who asks, and for what? Each refusal is recorded with what is known by then.
        var bearer = BearerToken.OfBare(http.Request);
        if (bearer.Refusal is { } missing) return await attempt.RefuseAsync(missing);
        var caller = await callers.AuthenticateAsync(attempt, bearer.Value);
        if (caller.Refusal is { } unknown) return await attempt.RefuseAsync(unknown);
        var wish = ContainerWish.Of(http.Request, role);
        if (wish.Refusal is { } malformed) return await attempt.RefuseAsync(malformed);
        using var noBody = StrictJson.Parse("{}"u8.ToArray());
        var request = new MintRequest(
            caller.Value, issue.Want(wish.Value.Role, wish.Value.LifetimeSeconds, wish.Value.Reason),
            noBody.RootElement, attempt.RequestId);

        // HEAD asks whether there would be credentials. It gets none, so nothing is issued.
        if (HeadRequests.IsHead(http))
            return issue.Refuse(request) is { } no ? await attempt.RefuseAsync(no) : TypedResults.Ok();

        // Approved by the list of checks, shared or from STS, on record, then answered: in this order, by type.
        var issued = await issue.RunAsync(request, attempt.Name, shared);
        if (issued.Refusal is { } denied) return await attempt.RefuseAsync(denied);
        timed.Succeeded();
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers[RecordHeader] = issued.Value.Receipt.RecordId;
        return TypedResults.Ok(ContainerCredentialsAnswer.Of(issued.Value));
    }
}
