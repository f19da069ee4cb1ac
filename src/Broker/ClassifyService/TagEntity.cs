using System.Text.Json.Serialization;
using Broker.Capabilities;
using Broker.DataClasses;
using Broker.Foundation.Results;
using Broker.Http;
using Broker.Ledger;
using Broker.Refusals;

namespace Broker.ClassifyService;

/// <summary>Body of <c>POST /v1/classify/tag</c>.</summary>
/// <param name="DataClass">Of what is classified; the capability's own.</param>
/// <param name="Entity">1 to 1000 characters.</param>
internal sealed record TagEntityBody(
    [property: JsonPropertyName("cap"), JsonRequired] PresentedCapability Capability,
    [property: JsonPropertyName("data_class"), JsonRequired] string DataClass,
    [property: JsonPropertyName("entity"), JsonRequired] string Entity);

internal sealed record TagEntityAnswer(
    [property: JsonPropertyName("ok")] bool IsOk,
    [property: JsonPropertyName("classification")] Classification Classification);

/// <summary>
/// <c>POST /v1/classify/tag</c>: category and sensitivity of a text, for whoever holds a capability of the op
/// <c>classify</c> for its data class. Nothing is kept and nothing secret leaves, so only refusals are on record.
/// </summary>
internal static class TagEntity
{
    /// <summary>Where all routes of the service are, and nothing else.</summary>
    public const string Prefix = "/v1/classify/";

    public static readonly EntryKind Kind = new("classification");

    private const string Op = "classify";
    private const int LongestEntity = 1000;

    private static readonly int[] Statuses = [400, 403, 413, 415, 429, 500, 502, 503];

    public static void Map(IEndpointRouteBuilder routes)
    {
        var route = routes.MapPost($"{Prefix}tag", HandleAsync)
            .WithName("classify-tag").WithSummary("Category and sensitivity of a text, by the operator's catalogue")
            .WithMetadata(DataErrorShape.Instance)
            .Accepts<TagEntityBody>("application/json").Produces<TagEntityAnswer>();
        foreach (var status in Statuses) route.Produces<CapabilityErrorBody>(status);
    }

    private static async Task<IResult> HandleAsync(
        HttpContext http, Attempts attempts, CapabilityCheck check, ServiceBudget budget, Catalogue catalogue,
        CancellationToken stop)
    {
        var attempt = attempts.Begin(http, Kind, Op);
        var read = await RequestJson.ReadAsync(http.Request, ClassifyServiceJson.Default.TagEntityBody, stop);
        if (read.Refusal is { } unreadable) return await attempt.RefuseAsync(unreadable);
        if (read.Value.Entity.Length is 0 or > LongestEntity)
        {
            return await attempt.RefuseAsync(
                new Refusal(HttpRefusals.InvalidField, $"entity must be 1 to {LongestEntity} characters"));
        }

        var capability = await check.RunAsync(read.Value.Capability, Op, read.Value.DataClass);
        if (capability.Refusal is { } denied) return await attempt.RefuseAsync(denied);
        attempt.Know(capability.Value.Caller);
        if (budget.Take(capability.Value.Caller) is { } spent) return await attempt.RefuseAsync(spent);
        return TypedResults.Json(
            new TagEntityAnswer(true, catalogue.Tag(read.Value.Entity)), ClassifyServiceJson.Default.TagEntityAnswer);
    }
}
