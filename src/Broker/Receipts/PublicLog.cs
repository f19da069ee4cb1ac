using Broker.Foundation.Results;
using Broker.Http;
using Broker.Ledger.Merkle;
using Broker.Ledger.Writing;

namespace Broker.Receipts;

/// <summary>
/// The ledger's tree for anyone (C2SP tlog-tiles): <c>GET /ledger/checkpoint</c>,
/// <c>GET /ledger/tile/&lt;L&gt;/&lt;N&gt;[.p/&lt;W&gt;]</c> and <c>GET /ledger/vkey</c>. Hashes and signatures only:
/// the entries hold personal facts, so the entry bundles of the specification are not served.
/// </summary>
internal static class PublicLog
{
    // The signature line begins with a dash that is not ASCII (C2SP tlog-tiles, "Checkpoints").
    private const string NoteType = "text/plain; charset=utf-8";

    // A tile never changes; the newest checkpoint does with every commit.
    private const string Immutable = "public, max-age=31536000, immutable";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/ledger/checkpoint", Checkpoint).WithName("ledgerCheckpoint")
            .WithSummary("The newest signed checkpoint").ProducesText().ProducesRefusals(404);
        routes.MapGet("/ledger/checkpoint/witnessed", WitnessedCheckpoint).WithName("witnessedLedgerCheckpoint")
            .WithSummary("The newest checkpoint that a witness cosigned").ProducesText()
            .ProducesRefusals(404);
        routes.MapGet("/ledger/tile/{**path}", Tile).WithName("ledgerTile")
            .WithSummary("A tile of the tree, 32 bytes for each hash")
            .Produces<byte[]>(200, "application/octet-stream").ProducesRefusals(404);
        routes.MapGet("/ledger/vkey", (ReleaseLedger ledger) =>
                TypedResults.Text(ledger.VerifierKey.ToString() + "\n", NoteType))
            .WithName("ledgerVerifierKey").WithSummary("The key that verifies checkpoints, in the note format")
            .ProducesText();
    }

    private static IResult Checkpoint(HttpContext http, ReleaseLedger ledger)
    {
        if (ledger.NewestCheckpoint is not { Length: > 0 } note)
        {
            return new ErrorAnswer(
                new Refusal(HttpRefusals.NotFound, "the ledger has no entry yet, so there is no checkpoint"));
        }

        http.Response.Headers.CacheControl = "no-cache";
        return TypedResults.Text(note, NoteType);
    }

    private static IResult WitnessedCheckpoint(HttpContext http, Witnessing witnesses)
    {
        if (witnesses.Cosigned is not { } note)
            return new ErrorAnswer(new Refusal(HttpRefusals.NotFound, "no checkpoint has been cosigned by a witness"));
        http.Response.Headers.CacheControl = "no-cache";
        return TypedResults.Text(note, NoteType);
    }

    private static IResult Tile(string path, HttpContext http, ReleaseLedger ledger)
    {
        if (!TilePath.TryParse(path, out var tile) || ledger.Reader.Tile(tile) is not { } hashes)
            return new ErrorAnswer(new Refusal(HttpRefusals.NotFound, "the tree has no such tile"));
        http.Response.Headers.CacheControl = Immutable;
        return TypedResults.Bytes(hashes, "application/octet-stream");
    }
}
