using System.Text;
using System.Text.Json.Serialization;
using Broker.Http;
using Broker.Modules;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Broker.Operations;

/// <summary>
/// <c>GET /healthz</c>: the process answers; it asks nobody (contract §2.2). <c>GET /readyz</c>: every part can do its
/// work now (§2.3): 200 <c>{}</c>, 200 degraded, or 503 with each check's reason.
/// </summary>
internal static class HealthRoutes
{
    private const string Runbook = "https://docs.agentkeys.dev/operator-runbook-stage7#";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/healthz", Healthy)
            .WithName("healthz").WithSummary("The process is alive").ProducesText();
        routes.MapGet("/readyz", Ready).WithName("readyz").WithSummary("Every part can do its work now")
            .Produces<NotReady>().Produces<NotReady>(StatusCodes.Status503ServiceUnavailable);
    }

    /// <summary>The port of a service of its own may say more.</summary>
    private static ContentHttpResult Healthy(HttpContext http) => http.Features.Get<OwnListener>()?.Health is { } own
        ? TypedResults.Text(own, "application/json", Encoding.UTF8)
        : TypedResults.Text("ok");

    private static IResult Ready(ReadinessChecks checks)
    {
        var all = checks.Ask();
        if (all.All(check => check.Status == Readiness.Ready))
            return TypedResults.Json(new AllReady(), OperationsJson.Default.AllReady);

        var unready = all.Any(check => check.Status == Readiness.Unready);
        var body = new NotReady(
            unready ? "unready" : "degraded",
            !unready,
            [.. all.Where(check => check.Status != Readiness.Ready).Select(Describe)],
            [.. all.Where(check => check.Status == Readiness.Ready).Select(check => check.Name)],
            IsReady(all, "tier2/backend"),
            IsReady(all, "tier2/sts"));
        return TypedResults.Json(
            body, OperationsJson.Default.NotReady,
            statusCode: unready ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK);
    }

    private static bool IsReady(ReadinessCheck[] checks, string name) =>
        checks.FirstOrDefault(check => check.Name == name) is not { Status: not Readiness.Ready };

    private static CheckBody Describe(ReadinessCheck check) => new(
        check.Name, check.Status == Readiness.Unready ? "unready" : "degraded", check.Reason,
        Runbook + check.Name.Replace('/', '-').Replace('_', '-'));
}

internal sealed record AllReady;

internal sealed record CheckBody(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("status")] string Status,
    [property: JsonPropertyName("reason")] string Reason,
    [property: JsonPropertyName("docs")] string Docs);

/// <summary>The two booleans are those of the first broker, for its clients.</summary>
internal sealed record NotReady(
    [property: JsonPropertyName("status")] string Status,
    [property: JsonPropertyName("degraded")] bool Degraded,
    [property: JsonPropertyName("checks")] CheckBody[] Checks,
    [property: JsonPropertyName("ready")] string[] Ready,
    [property: JsonPropertyName("backend_ok")] bool BackendOk,
    [property: JsonPropertyName("sts_ok")] bool StsOk);
