using System.Security.Cryptography;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Broker.Capabilities;
using Broker.Foundation.Results;
using Broker.Http;
using Broker.Refusals;

namespace Broker.DataClasses;

/// <summary>A body with the capability that allows it.</summary>
internal interface ICapabilityBody
{
    PresentedCapability Capability { get; }
}

/// <summary>Body of the routes that store.</summary>
/// <param name="Plaintext">In base64 (RFC 4648 §4).</param>
internal sealed record StoreDataBody(
    [property: JsonPropertyName("cap"), JsonRequired] PresentedCapability Capability,
    [property: JsonPropertyName("plaintext_b64"), JsonRequired] string Plaintext) : ICapabilityBody;

/// <summary>Body of the routes that fetch and tear down.</summary>
internal sealed record CapabilityOnlyBody(
    [property: JsonPropertyName("cap"), JsonRequired] PresentedCapability Capability) : ICapabilityBody;

/// <param name="Key">The object's key in the bucket of the class.</param>
/// <param name="Size">Of the envelope, in bytes.</param>
internal sealed record StoreDataAnswer(
    [property: JsonPropertyName("ok")] bool IsOk,
    [property: JsonPropertyName("s3_key")] string Key,
    [property: JsonPropertyName("envelope_size")] int Size,
    [property: JsonPropertyName("audit_record_id")] string AuditRecordId);

/// <param name="Plaintext">In base64 (RFC 4648 §4).</param>
internal sealed record FetchDataAnswer(
    [property: JsonPropertyName("ok")] bool IsOk,
    [property: JsonPropertyName("plaintext_b64")] string Plaintext,
    [property: JsonPropertyName("audit_record_id")] string AuditRecordId);

/// <param name="Deleted">How many objects there were.</param>
internal sealed record TearDownDataAnswer(
    [property: JsonPropertyName("ok")] bool IsOk,
    [property: JsonPropertyName("keys_deleted")] int Deleted,
    [property: JsonPropertyName("audit_record_id")] string AuditRecordId);

/// <summary>
/// The routes of a data class (contract §11.5). Each reads the caller's AWS credentials and its body, checks the
/// capability, puts on record what is about to happen, and only then does it.
/// </summary>
internal static class DataRoutes
{
    private static readonly int[] Statuses = [400, 401, 403, 404, 413, 415, 429, 500, 502, 503];

    public static void Map(IEndpointRouteBuilder routes, KeptClass kept)
    {
        var (one, prefix) = (kept.Class, kept.Class.Prefix);
        Describe<StoreDataBody, StoreDataAnswer>(routes.MapPost(
                $"{prefix}{one.Store}", (HttpContext http, DataServices services, CancellationToken stop) =>
                    HandleAsync(http, services, kept, DataOp.Store, DataJson.Default.StoreDataBody, StoreAsync, stop)),
            $"{one.Module}-store", $"Seal data of the class {one.Name} and keep it");
        Describe<CapabilityOnlyBody, FetchDataAnswer>(routes.MapPost(
                $"{prefix}{one.Fetch}", (HttpContext http, DataServices services, CancellationToken stop) =>
                    HandleAsync(
                        http, services, kept, DataOp.Fetch, DataJson.Default.CapabilityOnlyBody, FetchAsync, stop)),
            $"{one.Module}-fetch", $"Data of the class {one.Name}, opened");
        Describe<CapabilityOnlyBody, TearDownDataAnswer>(routes.MapPost(
                $"{prefix}teardown", (HttpContext http, DataServices services, CancellationToken stop) =>
                    HandleAsync(
                        http, services, kept, DataOp.Teardown, DataJson.Default.CapabilityOnlyBody, TearDownAsync,
                        stop)),
            $"{one.Module}-teardown", $"Delete all data of the class {one.Name} that an actor has");
    }

    private static void Describe<TBody, TAnswer>(RouteHandlerBuilder route, string name, string summary)
        where TBody : notnull
    {
        route.WithName(name).WithSummary(summary).WithMetadata(DataErrorShape.Instance)
            .TakesHeader(CallerKeys.IdHeader, "Of the caller's own AWS credentials: all or none.", CallerKeys.LongestId)
            .TakesHeader(CallerKeys.SecretHeader, "Their secret.", CallerKeys.LongestSecret)
            .TakesHeader(CallerKeys.TokenHeader, "Their session token.", CallerKeys.LongestToken)
            .Accepts<TBody>("application/json").Produces<TAnswer>();
        foreach (var status in Statuses) route.Produces<CapabilityErrorBody>(status);
    }

    private static async Task<IResult> HandleAsync<TBody>(
        HttpContext http, DataServices services, KeptClass kept, DataOp op,
        JsonTypeInfo<TBody> form,
        Func<KeptData, DataRequest, TBody, Task<Result<IResult>>> act, CancellationToken stop)
        where TBody : ICapabilityBody
    {
        var attempt = services.Attempts.Begin(http, DataRelease.KindOf(op), kept.Class.Name);
        var answered = await AnswerAsync(http, services, attempt, kept, op, form, act, stop);
        services.Data.Count(answered.IsRefused);
        return answered.Refusal is { } refusal ? await attempt.RefuseAsync(refusal) : answered.Value;
    }

    private static async Task<Result<IResult>> AnswerAsync<TBody>(
        HttpContext http, DataServices services, Attempt attempt, KeptClass kept, DataOp op,
        JsonTypeInfo<TBody> form,
        Func<KeptData, DataRequest, TBody, Task<Result<IResult>>> act, CancellationToken stop)
        where TBody : ICapabilityBody
    {
        // With whose rights, and by which capability?
        var rights = CallerKeys.Read(http.Request.Headers, services.Options.RequireSts);
        if (rights.Refusal is { } incomplete) return incomplete;
        var read = await RequestJson.ReadAsync(http.Request, form, stop);
        if (read.Refusal is { } unreadable) return unreadable;
        var capability = await services.Check.RunAsync(
            read.Value.Capability, op.ToString().ToLowerInvariant(), kept.Class.Name);
        if (capability.Refusal is { } denied) return denied;
        attempt.Know(capability.Value.Caller);
        if (services.Data.Check(kept, op, capability.Value) is { } refused) return refused;

        // On record, then done.
        var request = new DataRequest(kept, capability.Value, rights.Value) { RequestId = attempt.RequestId };
        return await act(services.Data, request, read.Value);
    }

    private static async Task<Result<IResult>> StoreAsync(KeptData data, DataRequest request, StoreDataBody body)
    {
        byte[] plaintext;
        try
        {
            plaintext = Convert.FromBase64String(body.Plaintext);
        }
        catch (FormatException)
        {
            return new Refusal(DataRefusals.PlaintextDecode, "plaintext_b64 is not base64");
        }

        try
        {
            var stored = await data.StoreAsync(request, plaintext);
            if (stored.Refusal is { } refusal) return refusal;
            var (key, size, record) = stored.Value;
            return TypedResults.Json(
                new StoreDataAnswer(true, key, size, record), DataJson.Default.StoreDataAnswer);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plaintext);
        }
    }

    private static async Task<Result<IResult>> FetchAsync(KeptData data, DataRequest request, CapabilityOnlyBody body)
    {
        var fetched = await data.FetchAsync(request);
        if (fetched.Refusal is { } refusal) return refusal;
        var (plaintext, record) = fetched.Value;
        var text = Convert.ToBase64String(plaintext);
        CryptographicOperations.ZeroMemory(plaintext);
        return TypedResults.Json(new FetchDataAnswer(true, text, record), DataJson.Default.FetchDataAnswer);
    }

    private static async Task<Result<IResult>> TearDownAsync(
        KeptData data, DataRequest request, CapabilityOnlyBody body)
    {
        var gone = await data.TearDownAsync(request);
        if (gone.Refusal is { } refusal) return refusal;
        var (_, count, record) = gone.Value;
        return TypedResults.Json(new TearDownDataAnswer(true, count, record), DataJson.Default.TearDownDataAnswer);
    }
}

/// <summary>What the routes of every class need.</summary>
internal sealed record DataServices(Attempts Attempts, CapabilityCheck Check, KeptData Data, DataOptions Options);
