using System.CommandLine;
using Broker.Attestation.Collateral;
using Broker.Attestation.Quotes;
using Broker.Attestation.Verification;
using Broker.Cli.Terminal;

namespace Broker.Cli.Quotes;

/// <summary>
/// <c>brokerctl quote verify</c>: judges one quote, offline with a collateral file or with what a PCCS gives. Exit
/// code 0 when it is verified, 1 when it is refused or no collateral could be had, 2 on misuse.
/// </summary>
internal static class QuoteCommands
{
    public static Command Create()
    {
        var command = new Command("quote", "Judge TDX and SGX quotes");
        command.Subcommands.Add(CreateVerify());
        return command;
    }

    private static Command CreateVerify()
    {
        var quote = new Option<FileInfo>("--quote") { Description = "The quote: binary, or hex text", Required = true };
        var collateral = new Option<FileInfo?>("--collateral") { Description = "Collateral, QuoteCollateralV3 JSON" };
        var pccs = new Option<string?>("--pccs") { Description = "Address of a collateral service; default: Intel's" };
        var rootCa = new Option<FileInfo?>("--root-ca")
        {
            Description = "Believe this root (DER or PEM) in place of Intel's: for simulated machines only",
        };
        var at = new Option<string?>("--at") { Description = "Judge as of this time, RFC 3339; default: now" };
        var json = new Option<bool>("--json") { Description = "Print the verdict as one JSON object" };
        var command = new Command("verify", "Verify a quote down to the root and evaluate its TCB level");
        foreach (var option in (Option[])[quote, collateral, pccs, rootCa, at, json]) command.Options.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetValue(collateral) is not null && result.GetValue(pccs) is not null)
            {
                result.AddError("--collateral or --pccs, not both");
            }
        });

        command.SetAction(async (parsed, stop) =>
        {
            var bytes = InputFile.ReadBytesOrHex(parsed.GetRequiredValue(quote).FullName, QuoteParser.MaxLength);
            var anchors = ReadAnchors(parsed.GetValue(rootCa)?.FullName, parsed.InvocationConfiguration.Error);
            var now = ReadTime(parsed.GetValue(at));
            var verdict = parsed.GetValue(collateral) is { } file
                ? VerifyOffline(bytes, ReadCollateral(file.FullName), anchors, now)
                : await VerifyOnlineAsync(bytes, parsed.GetValue(pccs), anchors, now, stop);

            var output = parsed.InvocationConfiguration.Output;
            await output.WriteLineAsync(
                parsed.GetValue(json) ? VerdictJson.Write(verdict) : VerdictText.Write(verdict));
            return verdict is VerifiedQuote ? ExitCode.Ok : ExitCode.Failed;
        });
        return command;
    }

    private static QuoteVerdict VerifyOffline(
        byte[] quote, QuoteCollateral collateral, TrustAnchors anchors, DateTimeOffset now)
        => new QuoteVerifier(anchors).Verify(quote, collateral, now);

    private static async Task<QuoteVerdict> VerifyOnlineAsync(
        byte[] quote, string? pccs, TrustAnchors anchors, DateTimeOffset now, CancellationToken stop)
    {
        using var client = PccsCollateralOrigin.CreateClient();
        var verifier = new CollateralBackedVerifier(anchors, new PccsCollateralOrigin(client, ReadPccs(pccs)));
        return await verifier.VerifyAsync(QuoteParser.Parse(quote), now, stop);
    }

    internal static PccsOptions ReadPccs(string? pccs)
    {
        if (pccs is null) return PccsOptions.Intel;
        return Uri.TryCreate(pccs, UriKind.Absolute, out var address) && address.Scheme is ("http" or "https")
            ? new PccsOptions { Address = address }
            : throw new CommandFailedException("--pccs: an http or https address", ExitCode.Misuse);
    }

    private static QuoteCollateral ReadCollateral(string path)
    {
        var read = QuoteCollateralJson.Read(InputFile.ReadBytes(path, QuoteCollateralJson.MaxLength));
        return read.Succeeded ? read.Collateral : throw new CommandFailedException($"{path}: {read.Refusal}");
    }

    /// <summary>Intel's root, or the one that the command line insists on, with a warning.</summary>
    internal static TrustAnchors ReadAnchors(string? path, TextWriter error)
    {
        if (path is null) return TrustAnchors.Intel;
        error.WriteLine(
            $"brokerctl: WARNING: believing the root {path} in place of the maker's; its owner can make any evidence");
        return TrustAnchors.External(
            InputFile.ReadCertificate(path),
            new ExternalTrustAnchorOptions { InsecureAllowExternalTrustAnchors = true });
    }

    internal static DateTimeOffset ReadTime(string? text)
    {
        if (text is null) return TimeProvider.System.GetUtcNow();
        return Moment.ReadIso(text)
            ?? throw new CommandFailedException("--at: a time such as 2026-06-01T00:00:00Z", ExitCode.Misuse);
    }
}
