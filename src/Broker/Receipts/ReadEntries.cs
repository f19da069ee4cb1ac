using System.Buffers;
using System.Text.Json;
using Broker.Foundation;
using Broker.Foundation.Results;
using Broker.Http;
using Broker.Ledger;
using Broker.Ledger.Reading;
using Broker.Ledger.Writing;
using Broker.Refusals;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Broker.Receipts;

/// <summary>
/// <c>GET /v1/ledger/entries?after=&amp;limit=</c> pages the caller's own rows; <c>GET /v1/ledger/entries/{id}</c>
/// shows one; <c>GET /v1/ledger/entries/{id}/receipt</c> gives its inclusion proof under the newest checkpoint (C2SP
/// tlog-proof), with <c>?checkpoint=witnessed</c> under the newest that a witness cosigned.
/// </summary>
internal static class ReadEntries
{
    /// <summary>Reading entries; only refusals of it are recorded.</summary>
    public static readonly EntryKind Kind = new("ledger_read");

    private const int UsualPage = 100;

    private const string Witnessed = "witnessed";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/ledger/entries", ListAsync).WithName("listLedgerEntries")
            .WithSummary("The caller's own entries, oldest first").TakesBearer()
            .TakesNumber("after", "Only rows behind this row id.", 0, long.MaxValue)
            .TakesNumber("limit", $"At most so many rows; {UsualPage} where it is left out.", 1, LedgerReader.MaxPage)
            .ProducesJson().ProducesRefusals(400, 401, 403, 502);
        routes.MapGet("/v1/ledger/entries/{id}", ShowAsync).WithName("showLedgerEntry")
            .WithSummary("One entry: for the actor it concerns, and for the operator").TakesBearer()
            .ProducesJson().ProducesRefusals(401, 403, 404, 502);
        routes.MapGet("/v1/ledger/entries/{id}/receipt", ReceiptAsync).WithName("ledgerReceipt")
            .WithSummary("An entry's inclusion proof under the newest checkpoint")
            .TakesBearer().TakesQuery("checkpoint", "Under the newest checkpoint that a witness cosigned.", Witnessed)
            .ProducesText().ProducesRefusals(400, 401, 403, 404, 502);
    }

    private static async Task<IResult> ListAsync(
        HttpContext http, EntryReader reader, ReleaseLedger ledger, RefusalRecords refusals)
    {
        var (actor, refusal) = await reader.WhoAsync(http.Request);
        if (refusal is not null) return await RefuseAsync(http, refusals, refusal);
        if (actor is not { } own)
        {
            return new ErrorAnswer(new Refusal(HttpRefusals.InvalidField,
                "the list is of an actor's own entries; as operator use brokerctl ledger list, or ask for one entry "
                + "by id"));
        }

        if (!TryRead(http.Request, "after", 0, long.MaxValue, 0, out var after)
            || !TryRead(http.Request, "limit", 1, LedgerReader.MaxPage, UsualPage, out var limit))
        {
            return new ErrorAnswer(new Refusal(HttpRefusals.InvalidField,
                $"after must be a row id, limit 1 to {LedgerReader.MaxPage}"));
        }

        var rows = ledger.Reader.PageByActor(own.ToString(), after, (int)limit);
        return Json(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("entries"u8);
            foreach (var row in rows) Write(json, row);
            json.WriteEndArray();
            if (rows.Count == limit) json.WriteNumber("next_after"u8, rows[^1].Id);
            else json.WriteNull("next_after"u8);
            json.WriteEndObject();
        });
    }

    private static async Task<IResult> ShowAsync(
        string id, HttpContext http, EntryReader reader, ReleaseLedger ledger, RefusalRecords refusals)
    {
        var (actor, refusal) = await reader.WhoAsync(http.Request);
        if (refusal is not null) return await RefuseAsync(http, refusals, refusal);
        return EntryReader.Find(ledger, id, actor) is { } row ? Json(json => Write(json, row)) : NotFound();
    }

    private static async Task<IResult> ReceiptAsync(
        string id, HttpContext http, EntryReader reader, ReleaseLedger ledger, Witnessing witnesses,
        RefusalRecords refusals)
    {
        var (actor, refusal) = await reader.WhoAsync(http.Request);
        if (refusal is not null) return await RefuseAsync(http, refusals, refusal);
        var checkpoint = http.Request.Query["checkpoint"];
        if (checkpoint.Count > 1 || (checkpoint.Count == 1 && checkpoint[0] != Witnessed))
        {
            return new ErrorAnswer(
                new Refusal(HttpRefusals.InvalidField, $"checkpoint must be {Witnessed}, or left out"));
        }

        if (EntryReader.Find(ledger, id, actor) is not { } row) return NotFound();
        var proof = checkpoint.Count == 0 ? ledger.Reader.Receipt(row.Index)
            : witnesses.Cosigned is { } note ? ledger.Reader.Receipt(row.Index, note)
            : null;
        return proof is not null
            ? TypedResults.Text(proof, "text/plain; charset=utf-8")
            : checkpoint.Count == 0
            ? NotFound()
            : new ErrorAnswer(new Refusal(
                HttpRefusals.NotFound, "no witness has cosigned a checkpoint with this entry yet; ask again later"));
    }

    /// <summary>
    /// A row: its id, the entry as the tree has it, and the same bytes in base64 for those who verify.
    /// </summary>
    private static void Write(Utf8JsonWriter json, LedgerRow row)
    {
        var canonical = row.ToCanonicalBytes();
        json.WriteStartObject();
        json.WriteNumber("id"u8, row.Id);
        json.WriteString("record_id"u8, row.Columns.RecordId);
        json.WritePropertyName("entry"u8);
        json.WriteRawValue(canonical);
        json.WriteString("canonical"u8, Convert.ToBase64String(canonical));
        json.WriteString("leaf_hash"u8, row.LeafHash);
        json.WriteEndObject();
    }

    private static FileContentHttpResult Json(Action<Utf8JsonWriter> write)
    {
        var body = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(body, StrictJson.WriterOptions)) write(json);
        return TypedResults.Bytes(body.WrittenMemory, "application/json; charset=utf-8");
    }

    private static bool TryRead(HttpRequest request, string name, long low, long high, long usual, out long value)
    {
        value = usual;
        var given = request.Query[name];
        if (given.Count == 0) return true;
        if (given.Count > 1 || !DecimalDigits.TryRead(given[0], out var number) || number > long.MaxValue) return false;
        value = (long)number;
        return value >= low && value <= high;
    }

    private static ValueTask<IResult> RefuseAsync(
        HttpContext http, RefusalRecords refusals, Refusal refusal) =>
        refusals.RefuseAsync(http, refusal, new RefusedRequest(Kind, "ledger"));

    private static ErrorAnswer NotFound() =>
        new(new Refusal(HttpRefusals.NotFound, "no such entry among those that you may read"));
}
