using Broker.Foundation.Results;
using Broker.Http;
using Broker.Ledger;

namespace Broker.Releases;

/// <summary>
/// How much of the receipt goes with a credential: <c>?receipt=none</c>, nothing said, <c>?receipt=full</c>.
/// </summary>
internal sealed record ReceiptForm(bool WithProof, bool WithEntry)
{
    /// <summary>The <c>tlog-proof</c> text, or null where it was not wanted.</summary>
    public string? Proof(LedgerReceipt receipt) => WithProof ? receipt.Proof : null;

    /// <summary>The entry's canonical bytes in base64, or null where they were not wanted.</summary>
    public string? Entry(LedgerReceipt receipt) => WithEntry ? Convert.ToBase64String(receipt.CanonicalEntry) : null;
}

internal static class ReceiptForms
{
    private static readonly ReceiptForm None = new(false, false), Usual = new(true, false), Full = new(true, true);

    /// <summary>Describes the query parameter in the OpenAPI document.</summary>
    public static RouteHandlerBuilder TakesReceiptForm(this RouteHandlerBuilder route) => route.TakesQuery(
        "receipt", "none leaves the receipt out, full adds the entry's canonical bytes.", "none", "full");

    public static Result<ReceiptForm> Of(HttpRequest request)
    {
        if (!request.QueryString.HasValue) return Usual;
        var values = request.Query["receipt"];
        return values.Count switch
        {
            0 => Usual,
            1 when values[0] == "none" => None,
            1 when values[0] == "full" => Full,
            _ => new Refusal(HttpRefusals.InvalidField, "receipt must be none or full, or left out"),
        };
    }
}
