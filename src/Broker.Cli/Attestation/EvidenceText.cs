using System.Globalization;
using System.Text;
using Broker.Attestation.Apps;
using Broker.Attestation.EventLog;
using Broker.Attestation.Evidence;
using Broker.Attestation.Quotes;
using Broker.Cli.Quotes;
using Broker.Cryptography;

namespace Broker.Cli.Attestation;

/// <summary>
/// Evidence for people, one fact a line. Names and payloads come from strangers: nothing but printable characters of
/// them reaches the terminal.
/// </summary>
internal static class EvidenceText
{
    private const int ShownDigest = 8;
    private const int ShownPayload = 48;

    public static string Write(ShownEvidence shown)
    {
        var text = new StringBuilder();
        WriteVerdict(text, shown);
        if (shown is { File: { Attestation: TdxAttestation attestation } file, Quote: { } quote })
        {
            Line(text, "evidence", file.Form);
            WriteRegisters(text, shown, quote);
            WriteApp(text, shown);
            WriteEvents(text, attestation);
        }

        return text.ToString().TrimEnd();
    }

    private static void WriteVerdict(StringBuilder text, ShownEvidence shown)
    {
        if (shown.Verdict is VerifiedTdxAttestation verified)
        {
            var quote = verified.Quote;
            Line(text, "verdict", $"verified, {quote.Status}");
            Line(text, "advisories", quote.AdvisoryIds.IsEmpty ? "none" : string.Join(", ", quote.AdvisoryIds));
            Line(text, "holds", $"{quote.ValidFrom:u} to {quote.ValidUntil:u}");
            Line(text, "fmspc", Hex.Of(quote.Platform.Fmspc));
            return;
        }

        var refusal = ((RefusedAttestation)shown.Verdict).Refusal;
        Line(text, "verdict", $"refused, {refusal.Code}");
        Line(text, "detail", Printable(refusal.Message));
        if (shown.Quote is not null) Line(text, "", "the evidence says of itself, unproven:");
    }

    private static void WriteRegisters(StringBuilder text, ShownEvidence shown, Quote quote)
    {
        if (quote.TdReport is { } report)
        {
            Line(text, "attributes", $"{VerdictJson.Attributes(report)} ({report.TdAttributes})");
            Line(text, "mr_td", Hex.Of(report.MrTd));
            Line(text, "mr_config_id", Hex.Of(report.MrConfigId));
        }

        foreach (var register in shown.Registers)
        {
            Line(text, register.Name, Hex.Of(register.Quoted));
            Line(text, "", register.Agrees switch
            {
                true => $"{register.Events} events replay to it",
                false => $"DIFFERENT: {register.Events} events replay to {Hex.Of(register.Replayed!)}",
                null => "this evidence carries no log to replay",
            });
        }

        Line(text, "report data", Hex.Of(quote.Body.ReportData));
        if (shown.File!.ExpectedReportData is { } expected)
        {
            var bound = expected.Span.SequenceEqual(quote.Body.ReportData.Span);
            Line(text, "", bound ? "bound to the certificate's key" : "NOT bound to the certificate's key");
        }
    }

    private static void WriteApp(StringBuilder text, ShownEvidence shown)
    {
        if (shown.App is not { } app) return;
        Line(text, "app id", Hex.Of(app.AppId));
        Line(text, "compose hash", Hex.Of(app.ComposeHash));
        Line(text, "instance id", Hex.Of(app.InstanceId));
        Line(text, "key provider", Printable(Encoding.UTF8.GetString(app.KeyProvider.Span)));
        Line(text, "os image", app.OsImageHash.IsEmpty ? "not claimed" : $"{Hex.Of(app.OsImageHash)} (claimed)");
        Line(text, "mr system", Hex.Of(app.MrSystem));
        Line(text, "", $"{Hex.Of(app.BootTimeMrSystem)} at boot time");
        Line(text, "mr aggregated", Hex.Of(app.MrAggregated));
        Line(text, "", $"{Hex.Of(app.BootTimeMrAggregated)} at boot time");
        if (shown.Verdict is VerifiedTdxAttestation verified)
        {
            Line(text, "device id", DeviceId.Of(verified.Quote.Platform).ToString());
        }
    }

    private static void WriteEvents(StringBuilder text, TdxAttestation evidence)
    {
        text.Append('\n').Append("register  type      event             digest            payload\n");
        var bootEvents = evidence.EventLog.Events.Where(entry => !entry.IsRuntime);
        foreach (var entry in bootEvents)
        {
            WriteEvent(text, entry.Imr, entry.EventType, entry.Name, entry.Digest, entry.Payload);
        }

        foreach (var entry in evidence.RuntimeEvents)
        {
            WriteEvent(text, 3, RuntimeEvent.EventType, entry.Name, entry.Digest(), entry.Payload);
        }
    }

    private static void WriteEvent(
        StringBuilder text, uint imr, uint type, string name, ReadOnlyMemory<byte> digest, ReadOnlyMemory<byte> payload)
    {
        var start = Hex.Of(digest[..Math.Min(digest.Length, ShownDigest)]);
        text.Append(CultureInfo.InvariantCulture, $"rtmr{imr,-6}{type:x8}  {Printable(name),-18}{start,-18}")
            .Append(Payload(payload)).Append('\n');
    }

    private static string Payload(ReadOnlyMemory<byte> payload)
    {
        var isText = payload.Length > 0 && !payload.Span.ContainsAnyExceptInRange((byte)' ', (byte)'~');
        var shown = isText ? $"\"{Encoding.ASCII.GetString(payload.Span)}\"" : Hex.Of(payload);
        return shown.Length <= ShownPayload ? shown : $"{shown[..ShownPayload]}… ({payload.Length} bytes)";
    }

    private static void Line(StringBuilder text, string label, string value)
        => text.Append(CultureInfo.InvariantCulture, $"{label,-14} {value}").Append('\n');

    internal static string Printable(string text)
        => string.Concat(text.EnumerateRunes().Select(rune => Rune.IsControl(rune)
            || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
                ? "?" : rune.ToString()));
}
