using System.Text.Json.Serialization;
using Microsoft.OpenApi;

namespace Broker.Http;

/// <summary>The error body as the OpenAPI document shows it; <see cref="ErrorAnswer"/> writes it.</summary>
internal sealed record ErrorBody(
    [property: JsonPropertyName("error")] string Error,
    [property: JsonPropertyName("message")] string Message,
    [property: JsonPropertyName("code")] string Code,
    [property: JsonPropertyName("next_step")] string NextStep,
    [property: JsonPropertyName("request_id")] string RequestId);

/// <summary>What the OpenAPI document says of a route beside its body: refusals, bearer, query, headers.</summary>
internal static class RouteDescriptions
{
    /// <summary>Names the refusals' statuses.</summary>
    public static RouteHandlerBuilder ProducesRefusals(this RouteHandlerBuilder route, params int[] statuses)
    {
        foreach (var status in statuses) route.Produces<ErrorBody>(status);
        return route;
    }

    /// <summary>Answers 200 with a JSON document whose members a specification names.</summary>
    public static RouteHandlerBuilder ProducesJson(this RouteHandlerBuilder route) =>
        route.Produces<object>(StatusCodes.Status200OK, "application/json");

    /// <summary>Answers 200 with text.</summary>
    public static RouteHandlerBuilder ProducesText(this RouteHandlerBuilder route) =>
        route.Produces<string>(StatusCodes.Status200OK, "text/plain");

    /// <summary>Needs <c>Authorization: Bearer</c>.</summary>
    public static RouteHandlerBuilder TakesBearer(this RouteHandlerBuilder route) =>
        route.AddOpenApiOperationTransformer((operation, context, _) =>
        {
            var bearer = new OpenApiSecuritySchemeReference(ApiDocument.BearerScheme, context.Document);
            operation.Security ??= [];
            operation.Security.Add(new OpenApiSecurityRequirement { [bearer] = [] });
            return Task.CompletedTask;
        });

    /// <summary>
    /// Takes a form. Told to the document only: routing would answer another media type itself, in our own shape.
    /// </summary>
    public static RouteHandlerBuilder TakesForm<T>(this RouteHandlerBuilder route) =>
        route.AddOpenApiOperationTransformer(async (operation, context, stop) =>
        {
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = true,
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    ["application/x-www-form-urlencoded"] = new()
                    {
                        Schema = await context.GetOrCreateSchemaAsync(typeof(T), cancellationToken: stop),
                    },
                },
            };
        });

    /// <summary>Takes a query parameter of one of these values.</summary>
    public static RouteHandlerBuilder TakesQuery(
        this RouteHandlerBuilder route, string name, string meaning, params string[] values) =>
        route.Takes(ParameterLocation.Query, name, meaning, new OpenApiSchema
        {
            Type = JsonSchemaType.String,
            Enum = [.. values],
        });

    /// <summary>Takes a query parameter that is a whole number within these bounds.</summary>
    public static RouteHandlerBuilder TakesNumber(
        this RouteHandlerBuilder route, string name, string meaning, long low, long high) =>
        route.Takes(ParameterLocation.Query, name, meaning, new OpenApiSchema
        {
            Type = JsonSchemaType.Integer,
            Minimum = Invariant(low),
            Maximum = Invariant(high),
        });

    /// <summary>Takes a query parameter that is a text.</summary>
    public static RouteHandlerBuilder TakesText(
        this RouteHandlerBuilder route, string name, string meaning, int longest) =>
        route.Takes(ParameterLocation.Query, name, meaning, new OpenApiSchema
        {
            Type = JsonSchemaType.String,
            MinLength = 1,
            MaxLength = longest,
        });

    /// <summary>Takes a request header.</summary>
    public static RouteHandlerBuilder TakesHeader(
        this RouteHandlerBuilder route, string name, string meaning, int longest) =>
        route.Takes(ParameterLocation.Header, name, meaning, new OpenApiSchema
        {
            Type = JsonSchemaType.String,
            MinLength = 1,
            MaxLength = longest,
        });

    private static RouteHandlerBuilder Takes(
        this RouteHandlerBuilder route, ParameterLocation place, string name, string meaning, OpenApiSchema schema) =>
        route.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = name,
                In = place,
                Description = meaning,
                Schema = schema,
            });
            return Task.CompletedTask;
        });

    private static string Invariant(long number) =>
        number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
