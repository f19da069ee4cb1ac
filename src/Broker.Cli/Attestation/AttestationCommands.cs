using System.CommandLine;
using Broker.Attestation.Collateral;
using Broker.Attestation.Evidence;
using Broker.Cli.Quotes;
using Broker.Cli.Terminal;

namespace Broker.Cli.Attestation;

/// <summary>
/// <c>brokerctl attestation show</c>: what a piece of dstack evidence says, and whether it is true. Exit code 0 when it
/// is verified, 1 when it is refused, 2 on misuse. What is refused is shown all the same, as unproven.
/// </summary>
internal static class AttestationCommands
{
    public static Command Create()
    {
        var command = new Command("attestation", "Look into dstack attestations");
        command.Subcommands.Add(CreateShow());
        return command;
    }

    private static Command CreateShow()
    {
        var evidence = new Argument<FileInfo>("file")
        {
            Description = "An attestation (binary, hex or JSON), a GetQuote answer, or an RA-TLS certificate",
        };
        var collateral = new Option<FileInfo?>("--collateral") { Description = "Collateral, QuoteCollateralV3 JSON" };
        var pccs = new Option<string?>("--pccs") { Description = "Collateral service, http(s)://HOST (Intel's)" };
        var rootCa = new Option<FileInfo?>("--root-ca")
        {
            Description = "Believe this root (DER or PEM) in place of Intel's: for simulated machines only",
        };
        var at = new Option<string?>("--at") { Description = "Judge as of this time, RFC 3339; default: now" };
        var json = new Option<bool>("--json") { Description = "Print one JSON object" };
        var command = new Command("show", "Show registers, events with their replay, app and verdict") { evidence };
        foreach (var option in (Option[])[collateral, pccs, rootCa, at, json]) command.Options.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetValue(collateral) is not null && result.GetValue(pccs) is not null)
            {
                result.AddError("--collateral or --pccs, not both");
            }
        });

        command.SetAction(async (parsed, stop) =>
        {
            var anchors = QuoteCommands.ReadAnchors(
                parsed.GetValue(rootCa)?.FullName, parsed.InvocationConfiguration.Error);
            var now = QuoteCommands.ReadTime(parsed.GetValue(at));
            using var client = PccsCollateralOrigin.CreateClient();
            ICollateralOrigin origin = parsed.GetValue(collateral) is { } file
                ? new FileCollateralOrigin(file.FullName)
                : new PccsCollateralOrigin(client, QuoteCommands.ReadPccs(parsed.GetValue(pccs)));
            var verifier = new AttestationVerifier(new CollateralBackedVerifier(anchors, origin));

            var read = EvidenceFile.Read(parsed.GetRequiredValue(evidence).FullName);
            var verdict = read.Succeeded
                ? await verifier.VerifyAsync(read.Value.Attestation, read.Value.ExpectedReportData, now, stop)
                : new RefusedAttestation(new AttestationRefusal("ATTESTATION_MALFORMED", read.Error));
            var shown = ShownEvidence.From(read.Value, verdict);
            var output = parsed.InvocationConfiguration.Output;
            await output.WriteLineAsync(parsed.GetValue(json) ? EvidenceJson.Write(shown) : EvidenceText.Write(shown));
            return verdict is VerifiedAttestation ? ExitCode.Ok : ExitCode.Failed;
        });
        return command;
    }
}
