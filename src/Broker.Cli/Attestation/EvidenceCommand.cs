using System.CommandLine;
using Broker.Attestation.Collateral;
using Broker.Attestation.Evidence;
using Broker.Attestation.SevSnp.Collateral;
using Broker.Attestation.SevSnp.Reports;
using Broker.Attestation.SevSnp.Verification;
using Broker.Cli.Quotes;
using Broker.Cli.Terminal;

namespace Broker.Cli.Attestation;

/// <summary>A command that judges a file of evidence and prints what it says.</summary>
/// <param name="takesReports">Whether it takes bare SEV-SNP reports as well, with options for them.</param>
internal sealed class EvidenceCommand(string name, string description, SnpInput snp, bool takesReports)
{
    private readonly Argument<FileInfo> _evidence = new("file")
    {
        Description = takesReports
            ? "An SEV-SNP report, an attestation (binary, hex or JSON), a GetQuote answer, or an RA-TLS certificate"
            : "An attestation (binary, hex or JSON), a GetQuote answer, or an RA-TLS certificate",
    };

    private readonly Option<FileInfo?> _collateral = new("--collateral")
    {
        Description = "TDX: collateral, QuoteCollateralV3 JSON",
    };

    private readonly Option<string?> _pccs = new("--pccs")
    {
        Description = "TDX: collateral service, http(s)://HOST (Intel's)",
    };

    private readonly Option<string?> _kds = new("--kds")
    {
        Description = "SEV-SNP: key service, for evidence without certificates (AMD's)",
    };

    private readonly Option<FileInfo?> _rootCa = new("--root-ca")
    {
        Description = "Believe this root (DER or PEM) in place of the maker's: for simulated machines only",
    };

    private readonly Option<string?> _at = new("--at")
    {
        Description = "Judge as of this time, RFC 3339; default: now",
    };

    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object" };

    public Command Create()
    {
        var command = new Command(name, description) { _evidence };
        foreach (var option in (Option[])[_collateral, _pccs, _kds, _rootCa, _at, _json]) command.Options.Add(option);
        if (takesReports)
        {
            foreach (var option in snp.All) command.Options.Add(option);
        }

        command.Validators.Add(result =>
        {
            if (result.GetValue(_collateral) is not null && result.GetValue(_pccs) is not null)
            {
                result.AddError("--collateral or --pccs, not both");
            }
        });
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var path = parsed.GetRequiredValue(_evidence).FullName;
        var root = parsed.GetValue(_rootCa)?.FullName;
        var anchors = QuoteCommands.ReadAnchors(root, parsed.InvocationConfiguration.Error);
        var now = QuoteCommands.ReadTime(parsed.GetValue(_at));
        using var pccsClient = PccsCollateralOrigin.CreateClient();
        using var kdsClient = KdsOrigin.CreateClient();
        var reports = SnpInput.CreateVerifier(
            kdsClient, parsed.GetValue(_kds), SnpInput.ReadAnchors(root),
            takesReports ? snp.ReadPolicy(parsed) : new SnpPolicy());
        if (takesReports && (snp.NamesCertificates(parsed) || IsReport(path)))
        {
            var shownReport = ShownReport.Of(await VerifyReportAsync(parsed, path, reports, now, stop));
            return await PrintAsync(parsed, shownReport);
        }

        var quotes = new CollateralBackedVerifier(anchors, OriginOf(parsed, pccsClient));
        return await JudgeAsync(parsed, new AttestationVerifier(quotes, reports), path, now, stop);
    }

    private async Task<int> JudgeAsync(
        ParseResult parsed, AttestationVerifier verifier, string path, DateTimeOffset now, CancellationToken stop)
    {
        var read = EvidenceFile.Read(path);
        var verdict = read.Succeeded
            ? await verifier.VerifyAsync(read.Value.Attestation, read.Value.ExpectedReportData, now, stop)
            : new RefusedAttestation(new AttestationRefusal("ATTESTATION_MALFORMED", read.Error));
        if (read.Value is { Attestation: SnpAttestation evidence } file)
            return await PrintAsync(parsed, ShownReport.Of(file, evidence, verdict));

        var shown = ShownEvidence.From(read.Value, verdict);
        await parsed.InvocationConfiguration.Output.WriteLineAsync(
            parsed.GetValue(_json) ? EvidenceJson.Write(shown) : EvidenceText.Write(shown));
        return verdict is VerifiedAttestation ? ExitCode.Ok : ExitCode.Failed;
    }

    private async Task<SnpVerdict> VerifyReportAsync(
        ParseResult parsed, string path, CollateralBackedReportVerifier reports, DateTimeOffset now,
        CancellationToken stop)
    {
        var bytes = InputFile.ReadBytesOrHex(path, VersionedAttestation.MaxLength);
        var certificates = snp.ReadCertificates(parsed);
        return certificates.Succeeded
            ? await reports.VerifyAsync(bytes, certificates.Value, snp.ReadExpectations(parsed), now, stop)
            : new RefusedReport(certificates.Refusal, SnpReportReader.Read(bytes, allowVlek: true).Value);
    }

    private ICollateralOrigin OriginOf(ParseResult parsed, HttpClient client)
        => parsed.GetValue(_collateral) is { } file
            ? new FileCollateralOrigin(file.FullName)
            : new PccsCollateralOrigin(client, QuoteCommands.ReadPccs(parsed.GetValue(_pccs)));

    private async Task<int> PrintAsync(ParseResult parsed, ShownReport shown)
    {
        await parsed.InvocationConfiguration.Output.WriteLineAsync(
            parsed.GetValue(_json) ? ReportJson.Write(shown) : ReportText.Write(shown));
        return shown.Verified is null ? ExitCode.Failed : ExitCode.Ok;
    }

    /// <summary>A report starts with its version; no other kind of evidence starts so.</summary>
    private static bool IsReport(string path)
        => InputFile.ReadBytesOrHex(path, VersionedAttestation.MaxLength) is [2 or 3 or 5, 0, 0, 0, ..];
}
