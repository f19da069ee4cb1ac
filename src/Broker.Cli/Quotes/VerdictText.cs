using System.Globalization;
using System.Text;
using Broker.Attestation.Quotes;
using Broker.Attestation.Verification;
using Broker.Cryptography;

namespace Broker.Cli.Quotes;

/// <summary>The verdict for people, one fact a line.</summary>
internal static class VerdictText
{
    public static string Write(QuoteVerdict verdict)
    {
        var text = new StringBuilder();
        switch (verdict)
        {
            case VerifiedQuote verified:
                Line(text, "verdict", $"verified, {verified.Status}");
                WriteStatuses(text, "launch", verified.Launch);
                if (verified.Current is { } current) WriteStatuses(text, "current", current);
                Line(text, "advisories", string.Join(", ", verified.AdvisoryIds.DefaultIfEmpty("none")));
                Line(text, "tcb date", $"{verified.TcbDate:yyyy-MM-dd}");
                Line(text, "holds", $"{verified.ValidFrom:u} to {verified.ValidUntil:u}");
                Line(text, "fmspc", Hex.Of(verified.Platform.Fmspc));
                WriteQuote(text, verified.Quote);
                break;
            case RefusedQuote refused:
                Line(text, "verdict", $"refused, {refused.Refusal.Code}");
                Line(text, "detail", refused.Refusal.Detail);
                if (refused.Quote is { } quote)
                {
                    Line(text, "", "the quote says of itself, unproven:");
                    WriteQuote(text, quote);
                }

                break;
        }

        return text.ToString().TrimEnd();
    }

    private static void WriteStatuses(StringBuilder text, string label, TcbEvaluation evaluation) => Line(
        text, label,
        $"platform {evaluation.PlatformStatus}, "
        + $"module {evaluation.ModuleStatus?.ToString() ?? "-"}, QE {evaluation.QeStatus}");

    private static void WriteQuote(StringBuilder text, Quote quote)
    {
        Line(text, "quote", $"{quote.Header.TeeType.ToString().ToUpperInvariant()}, version {quote.Header.Version}");
        if (quote.TdReport is { } report)
        {
            Line(text, "attributes", $"{VerdictJson.Attributes(report)} ({report.TdAttributes})");
            Line(text, "mr_td", Hex.Of(report.MrTd));
            Line(text, "rtmr0", Hex.Of(report.RtMr0));
            Line(text, "rtmr1", Hex.Of(report.RtMr1));
            Line(text, "rtmr2", Hex.Of(report.RtMr2));
            Line(text, "rtmr3", Hex.Of(report.RtMr3));
        }
        else if (quote.Body is EnclaveReport enclave)
        {
            Line(text, "mrenclave", Hex.Of(enclave.MrEnclave));
            Line(text, "mrsigner", Hex.Of(enclave.MrSigner));
        }

        Line(text, "report data", Hex.Of(quote.Body.ReportData));
    }

    private static void Line(StringBuilder text, string label, string value)
        => text.Append(CultureInfo.InvariantCulture, $"{label,-12} {value}").Append('\n');
}
