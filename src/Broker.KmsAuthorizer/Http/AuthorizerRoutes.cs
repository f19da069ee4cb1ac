using System.Text.Json;
using System.Text.Json.Serialization;
using Broker.Foundation.Results;

namespace Broker.KmsAuthorizer.Http;

/// <summary>
/// The routes of auth-simple and auth-eth, and the operators' hand-made probe.
/// </summary>
internal static class AuthorizerRoutes
{
    public const string BackendUnavailable = "authorization backend unavailable";
    public const string InvalidRequest = "invalid authorization request";

    private static readonly JsonSerializerOptions Wire = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public static void MapAuthorizer(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", DescribeAsync);
        routes.MapPost("/", ProbeAsync);
        MapBoot(routes, "/bootAuth/kms", BootSubject.Kms);
        MapBoot(routes, "/bootAuth/app", BootSubject.App);
    }

    private static void MapBoot(IEndpointRouteBuilder routes, string path, BootSubject subject) => routes.MapPost(
        path, (HttpRequest request, IBootAuthority authority, ILogger<BootVerdict> log, CancellationToken stop) =>
            DecideAsync(subject, request, authority, log, stop));

    /// <summary>
    /// Always 200 with a verdict, or 4xx for a body that is not a boot request. The content type is not looked at: what
    /// parses as a boot request is one, however <c>curl</c> labelled it.
    /// </summary>
    private static async Task<IResult> DecideAsync(
        BootSubject subject, HttpRequest request, IBootAuthority authority, ILogger log, CancellationToken stop)
    {
        var body = await RequestBody.ReadAsync(request, stop);
        if (body.IsRefused) return Invalid(body.Refusal);

        var reading = BootInfoReader.Read(body.Value);
        if (reading.IsRefused)
        {
            Log.Invalid(log, subject, reading.Refusal.Detail);
            return Invalid(reading.Refusal);
        }

        var boot = reading.Value;
        var verdict = await authority.DecideAsync(subject, boot, stop);
        Log.Verdict(log, subject, boot, verdict);
        return verdict switch
        {
            BootVerdict.Allowed allowed => Json(new BootAnswer(true, "", allowed.GatewayAppId)),
            BootVerdict.Denied denied => Json(new BootAnswer(false, denied.Reason, denied.GatewayAppId)),
            BootVerdict.Invalid invalid => Invalid(invalid.Refusal),
            _ => Json(new BootAnswer(false, BackendUnavailable, "")),
        };
    }

    private static async Task<IResult> DescribeAsync(IBootAuthority authority, CancellationToken stop) =>
        await authority.DescribeAsync(stop) is { } known
            ? Json(new StatusAnswer(
                "ok", known.KmsContractAddr, known.EthRpcUrl, known.GatewayAppId, known.ChainId,
                AppAuthImplementation: known.AppImplementation, AppImplementation: known.AppImplementation))
            : Json(new StatusFault("error", BackendUnavailable), StatusCodes.Status500InternalServerError);

    /// <summary>
    /// The probe of the service set-up guide: <c>{"method":"ping"}</c> answers true; asking whether a bare id is
    /// allowed answers false, because nothing is allowed without the measurements that only a boot request carries.
    /// </summary>
    private static async Task<IResult> ProbeAsync(HttpRequest request, CancellationToken stop)
    {
        var body = await RequestBody.ReadAsync(request, stop);
        return body.IsRefused
            ? Invalid(body.Refusal)
            : Probe.MethodOf(body.Value) switch
            {
                "ping" => Json(new ProbeAnswer(true)),
                "is_app_allowed" or "is_kms_allowed" => Json(new ProbeAnswer(false)),
                _ => Invalid(new Refusal(
                    RequestRefusals.InvalidRequest, "method: must be ping, is_app_allowed or is_kms_allowed")),
            };
    }

    private static IResult Invalid(Refusal refusal) =>
        Json(new BootAnswer(false, InvalidRequest, "", refusal.Detail), refusal.Code.Status);

    private static IResult Json<T>(T answer, int status = StatusCodes.Status200OK) =>
        Results.Json(answer, Wire, statusCode: status);
}
