using System.Text;
using Broker.Attestation.EventLog;
using Broker.Attestation.Evidence;
using Broker.Attestation.Quotes;

namespace Broker.Attestation.Tests.Dstack;

/// <summary>
/// Genuine evidence under genuine collateral, and what has to be refused although its quote is genuine.
/// </summary>
public class AttestationVerifierTests
{
    private const string Simulator = "r12_dstack_simulator_quote";
    private const string QuoteReport = "r07_dstack_quote_report";

    [FixtureTheory]
    [InlineData("attestation_v0.bin")]
    [InlineData("attestation_v1.msgpack")]
    [InlineData("attestation_v1_bin.msgpack")]
    [InlineData("attestation_v0_stripped.bin")]
    public async Task Accepts_genuine_evidence_in_every_form(string file)
    {
        var evidence = DstackFixtures.Attestation("simulator", file);

        var verdict = await new CaseVerifier(Simulator).JudgeAsync(evidence, new byte[64]);

        verdict.ShouldBeOfType<VerifiedTdxAttestation>().Quote.Status.ToString().ShouldBe("UpToDate");
    }

    [FixtureFact]
    public async Task Refuses_another_report_data_than_the_expected_before_it_looks_further()
    {
        var garbage = DstackFixtures.Attestation("simulator", "attestation_v0.bin") with { Quote = new EncodedQuote(default) };

        await ShouldRefuse(
            garbage, "REPORT_DATA_MISMATCH", "report data mismatch", reportData: ReportDataBinding.ForCertificate([1]));
    }

    [FixtureTheory]
    [InlineData("attestation_v0_patched_report_data.bin")]
    [InlineData("attestation_v1_pod_patched.msgpack")]
    public async Task Refuses_report_data_that_was_patched_into_a_signed_quote(string file)
        => await ShouldRefuse(
            DstackFixtures.Attestation("simulator", file),
            "QUOTE_SIGNATURE",
            "failed to verify TDX quote: QUOTE_SIGNATURE",
            ReportDataBinding.Compute("app-data", "hello"u8));

    [FixtureFact]
    public async Task Refuses_a_pod_whose_payload_is_another()
    {
        var pod = DstackFixtures.Attestation("simulator", "attestation_v1_pod_patched.msgpack");
        pod.ReportDataPayload.ShouldBe("hello");

        await ShouldRefuse(
            pod with { ReportDataPayload = "hallo" },
            "REPORT_DATA_PAYLOAD",
            "report_data does not match report_data_payload");
    }

    [FixtureFact]
    public async Task Refuses_an_envelope_that_says_another_report_data_than_its_quote()
    {
        var reportData = ReportDataBinding.Compute("app-data", "x"u8);
        var evidence = DstackFixtures.Attestation("simulator", "attestation_v0.bin") with { ReportData = reportData };

        await ShouldRefuse(evidence, "REPORT_DATA_MISMATCH", "tdx report_data mismatch", reportData);
    }

    [FixtureTheory]
    [InlineData("payload_changed_digest_kept_event_log.json", "RTMR3_MISMATCH", "RTMR3 mismatch, quoted: 0f787c3877")]
    [InlineData("reordered_event_log.json", "RTMR3_MISMATCH", "RTMR3 mismatch, quoted: 0f787c3877")]
    [InlineData("dropped_last_event_log.json", "RTMR3_MISMATCH", "RTMR3 mismatch, quoted: 0f787c3877")]
    [InlineData("rtmr3_boundary_shift_event_log.json", "EVENT_LOG", "runtime event name contains ':'")]
    [InlineData("runtime_event_wrong_imr_event_log.json", "EVENT_LOG", "runtime event stands in RTMR2, not in RTMR3")]
    public async Task Refuses_every_attack_on_the_event_log(string file, string code, string message)
    {
        var quote = DstackFixtures.Json("verifier", "quote-report.json").Hex("quote");
        var evidence = TdxAttestation.FromQuoteAndEventLog(quote, DstackFixtures.Bytes("attacks", file)).Value
            .ShouldNotBeNull();

        await ShouldRefuse(evidence, code, message, caseId: QuoteReport);
    }

    [FixtureFact]
    public async Task Refuses_a_log_whose_runtime_part_differs_from_the_list_that_is_replayed()
    {
        var evidence = DstackFixtures.Attestation("simulator", "attestation_v0.bin");
        var without = evidence.EventLog.Events.Where(entry => entry.Name != "key-provider").ToList();

        await ShouldRefuse(
            evidence with { EventLog = new TdxEventLog(without) },
            "EVENT_LOG",
            "event log and runtime events disagree");
    }

    [FixtureFact]
    public async Task Refuses_a_V2_event_whose_preimage_or_digest_is_another()
    {
        var evidence = DstackFixtures.Attestation("simulator", "attestation_v0.bin");
        var canonical = Encoding.UTF8.GetBytes(RuntimeEventDigest.CanonicalJson("x", []));
        var entry = new TdxEvent(
            3, RuntimeEvent.EventType, default, "x", default, EventDigestVersion.V2,
            Convert.ToHexStringLower(canonical));

        foreach (var forged in new[] { entry with { Preimage = "00" }, entry with { Digest = new byte[48] } })
        {
            await ShouldRefuse(
                evidence with { EventLog = new TdxEventLog([.. evidence.EventLog.Events, forged]) },
                "EVENT_PREIMAGE", "Failed to validate TDX V2 event digest preimages: ");
        }

        // A right preimage passes that check, and is stopped because the replayed list does not have the event.
        await ShouldRefuse(
            evidence with { EventLog = new TdxEventLog([.. evidence.EventLog.Events, entry]) },
            "EVENT_LOG", "event log and runtime events disagree");
    }

    [FixtureFact]
    public async Task A_quote_outside_its_collateral_window_is_refused_with_the_quotes_own_code()
    {
        var verifier = new CaseVerifier(Simulator);
        var verdict = await verifier.Verifier.VerifyAsync(
            DstackFixtures.Attestation("simulator", "attestation_v0.bin"),
            null,
            verifier.Now.AddYears(3),
            CancellationToken.None);

        var refusal = verdict.ShouldBeOfType<RefusedAttestation>().Refusal;
        refusal.Message.ShouldStartWith($"failed to verify TDX quote: {refusal.Code}");
        refusal.Code.ShouldEndWith("EXPIRED");
    }

    private static async Task ShouldRefuse(
        VersionedAttestation evidence,
        string code,
        string message,
        ReadOnlyMemory<byte>? reportData = null,
        string caseId = Simulator)
    {
        var verdict = await new CaseVerifier(caseId).JudgeAsync(evidence, reportData);

        var refusal = verdict.ShouldBeOfType<RefusedAttestation>().Refusal;
        refusal.Code.ShouldBe(code);
        refusal.Message.ShouldStartWith(message);
    }
}
