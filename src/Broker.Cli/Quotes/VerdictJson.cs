using System.Buffers.Binary;
using System.Text.Json.Nodes;
using Broker.Attestation.Quotes;
using Broker.Attestation.Verification;
using Broker.Cryptography;

namespace Broker.Cli.Quotes;

/// <summary>
/// The verdict for programs:
/// <c>{"status","advisory_ids":[],"tee","fmspc","td_attributes","mr_td","rtmr":[4],"report_data","reason"}</c>.
/// A verified quote has a status and no reason; a refused one has a reason (its stable code) and no status, and what it
/// says of itself is printed for diagnosis only. What is not there is null.
/// </summary>
internal static class VerdictJson
{
    public static string Write(QuoteVerdict verdict)
    {
        var verified = verdict as VerifiedQuote;
        var refused = verdict as RefusedQuote;
        var quote = verified?.Quote ?? refused?.Quote;
        var report = quote?.TdReport;
        return new JsonObject
        {
            ["status"] = verified?.Status.ToString(),
            ["advisory_ids"] = new JsonArray([.. (verified?.AdvisoryIds ?? []).Select(id => JsonValue.Create(id))]),
            ["tee"] = quote?.Header.TeeType.ToString().ToLowerInvariant(),
            ["fmspc"] = verified is null ? null : Convert.ToHexStringLower(verified.Platform.Fmspc.Span),
            ["td_attributes"] = report is null ? null : Attributes(report),
            ["mr_td"] = report is null ? null : Hex.Of(report.MrTd),
            ["rtmr"] = report is null
                ? null
                : new JsonArray(Hex.Of(report.RtMr0), Hex.Of(report.RtMr1), Hex.Of(report.RtMr2), Hex.Of(report.RtMr3)),
            ["report_data"] = quote is null ? null : Hex.Of(quote.Body.ReportData),
            ["reason"] = refused?.Refusal.Code,
            ["detail"] = refused?.Refusal.Detail,
        }.ToJsonString();
    }

    /// <summary>The eight bytes in hex as they stand in the report, lowest first.</summary>
    public static string Attributes(TdReport report)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)report.TdAttributes);
        return Convert.ToHexStringLower(bytes);
    }
}
