using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Broker.Foundation.Results;
using Broker.Http;
using Broker.Identity;
using Broker.Refusals;
using Broker.Sessions;

namespace Broker.Releases;

/// <summary>A mint as it was asked for over HTTP: who asks, for what, and how the answer shall look.</summary>
/// <typeparam name="TWish">The route's own members of the body.</typeparam>
internal sealed class MintCall<TWish> : IDisposable
    where TWish : notnull
{
    private readonly JsonDocument _body;

    private MintCall(VerifiedCaller caller, BearerToken bearer, JsonDocument body, TWish wish, ReceiptForm form, bool dry)
    {
        (Caller, Bearer, _body, Wish, Form, IsDryRun) = (caller, bearer, body, wish, form, dry);
    }

    public VerifiedCaller Caller { get; }

    public BearerToken Bearer { get; }

    public TWish Wish { get; }

    /// <summary>With the members of the signed form, where it has them.</summary>
    public JsonElement Body => _body.RootElement;

    public ReceiptForm Form { get; }

    public bool IsDryRun { get; }

    /// <summary>
    /// Authenticates, then reads. Only reading the body ends with <paramref name="stop"/>: whoever hangs up does not
    /// take what ends in the ledger off the record, and time-outs bound each step.
    /// </summary>
    public static async ValueTask<Result<MintCall<TWish>>> ReadAsync(
        Attempt attempt, Callers callers, JsonTypeInfo<TWish> type, CancellationToken stop)
    {
        var caller = await callers.AuthenticateAsync(attempt);
        if (caller.Refusal is { } unknown) return unknown;
        var read = await RequestJson.ReadDocumentAsync(attempt.Request, stop, optional: true);
        if (read.Refusal is { } unreadable) return unreadable;
        var call = Of(attempt, caller.Value, read.Value, type);
        if (call.Refusal is not null) read.Value.Dispose();
        return call;
    }

    public void Dispose() => _body.Dispose();

    private static Result<MintCall<TWish>> Of(
        Attempt attempt, VerifiedCaller caller, JsonDocument body, JsonTypeInfo<TWish> type)
    {
        var wish = RequestJson.As(body.RootElement, type);
        if (wish.Refusal is { } malformed) return malformed;
        var form = ReceiptForms.Of(attempt.Request);
        if (form.Refusal is { } noForm) return noForm;
        var dry = IsDry(attempt.Request);
        if (dry.Refusal is { } neither) return neither;
        return new MintCall<TWish>(caller, attempt.Bearer!, body, wish.Value, form.Value, dry.Value);
    }

    private static Result<bool> IsDry(HttpRequest request)
    {
        var values = request.Query["dry_run"];
        return values.Count switch
        {
            0 => false,
            1 when values[0] == "true" => true,
            1 when values[0] == "false" => false,
            _ => new Refusal(HttpRefusals.InvalidField, "dry_run must be true or false"),
        };
    }
}
