using System.CommandLine;
using System.Security.Cryptography;
using Broker.Attestation.Issuers;
using Broker.Cli.Ledger;
using Broker.Cli.Quotes;
using Broker.Cli.Terminal;
using Broker.Ledger.Notes;

namespace Broker.Cli.Issuer;

/// <summary>
/// <c>brokerctl issuer verify</c>: fetches what an issuer publishes of itself, and judges it offline: quote,
/// measurements, keys, checkpoint, receipt. Exit code 0 when all of it holds, 1 when something does not, 3 when all
/// that was checked holds but no measurement was expected, 2 on misuse.
/// </summary>
internal sealed class VerifyIssuerCommand
{
    private readonly Argument<string> _url = new("URL")
    {
        Description = "The issuer, or with --issuer the address at which it is reached",
    };

    private readonly Option<string?> _issuer = new("--issuer")
    {
        Description = "The issuer to expect, as it stands in tokens; default: URL",
        HelpName = "ISSUER",
    };

    private readonly Option<string[]> _expect = new("--expect")
    {
        Description = "A value that has to be measured, such as compose_hash=…; the same name again: one of them "
            + $"has to. Names: {string.Join(", ", MeasuredValues.Names)}",
        HelpName = "NAME=VALUE",
    };

    private readonly Option<string?> _receipt = new("--receipt")
    {
        Description = "A receipt (tlog-proof), or the answer that carried it, to check against the ledger's key",
        HelpName = "FILE",
    };

    private readonly Option<string?> _entry = new("--entry")
    {
        Description = "The entry's canonical bytes, where the receipt comes without them",
        HelpName = "FILE",
    };

    private readonly Option<string?> _nonce = new("--nonce")
    {
        Description = "Have the evidence made over this nonce, 32 to 128 hex digits; default: a random one",
        HelpName = "HEX",
    };

    private readonly Option<string?> _maxAge = new("--max-age")
    {
        Description = "Take evidence that the issuer keeps, if it is no older, such as 2h; default of --from: 24h",
        HelpName = "AGE",
    };

    private readonly Option<DirectoryInfo?> _save = new("--save")
    {
        Description = "Keep what was fetched in this folder",
    };

    private readonly Option<DirectoryInfo?> _from = new("--from")
    {
        Description = "Judge what --save kept; nothing is fetched",
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
        var command = new Command("verify", "Verify that measured code holds the issuer's keys and its ledger's")
        {
            _url,
        };
        foreach (var option in (Option[])
            [_issuer, _expect, _receipt, _entry, _nonce, _maxAge, _save, _from, _rootCa, _at, _json])
            command.Options.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_save) is not null && result.GetValue(_from) is not null)
                result.AddError("--save or --from, not both");
            if (result.GetValue(_entry) is not null && result.GetValue(_receipt) is null)
                result.AddError("--entry goes with --receipt");
        });
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var address = AddressOf(parsed.GetRequiredValue(_url));
        var now = QuoteCommands.ReadTime(parsed.GetValue(_at));
        var demands = new IssuerDemands(
            parsed.GetValue(_issuer) ?? address.AbsoluteUri.TrimEnd('/'),
            Expectations.Parse(parsed.GetValue(_expect) ?? []),
            OldestOf(parsed, now),
            now)
        {
            Receipt = ReadReceipt(parsed),
        };
        var anchors = QuoteCommands.ReadAnchors(
            parsed.GetValue(_rootCa)?.FullName, parsed.InvocationConfiguration.Error);

        var files = parsed.GetValue(_from) is { } kept
            ? IssuerFiles.Load(kept.FullName, GivenNonce(parsed))
            : await IssuerFiles.FetchAsync(address, NonceToSend(parsed), stop);
        if (parsed.GetValue(_save) is { } folder) files.Save(folder.FullName);

        var report = await new IssuerVerifier(anchors).VerifyAsync(files, demands, stop);
        if (parsed.GetValue(_json)) IssuerReportJson.Write(parsed.InvocationConfiguration.Output, report);
        else IssuerReportText.Write(parsed.InvocationConfiguration.Output, report);
        return report.IsRefused ? ExitCode.Failed : report.IsComplete ? ExitCode.Ok : ExitCode.NotAllChecked;
    }

    private static Uri AddressOf(string text) =>
        Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out var address)
        && address.Scheme is "https" or "http" && address.Query.Length == 0 && address.Fragment.Length == 0
        && address.UserInfo.Length == 0
            ? address
            : throw new CommandFailedException(
                $"\"{text}\" is not an address of the form https://host[:port][/path]", ExitCode.Misuse);

    /// <summary>Kept evidence is asked for only by whoever says how old it may be.</summary>
    private string? NonceToSend(ParseResult parsed) =>
        GivenNonce(parsed)
        ?? (parsed.GetValue(_maxAge) is null ? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)) : null);

    private string? GivenNonce(ParseResult parsed)
    {
        if (parsed.GetValue(_nonce) is not { } text) return null;
        return text.Length % 2 == 0
            && text.Length is >= 2 * IssuerStatement.ShortestNonce and <= 2 * IssuerStatement.LongestNonce
            && text.All(char.IsAsciiHexDigit)
                ? text.ToLowerInvariant()
                : throw new CommandFailedException("--nonce: 32 to 128 hex digits, two for each byte", ExitCode.Misuse);
    }

    private DateTimeOffset OldestOf(ParseResult parsed, DateTimeOffset now) =>
        Moment.TryParse(parsed.GetValue(_maxAge) ?? "24h", now, out var oldest)
            ? oldest
            : throw new CommandFailedException("--max-age: an age such as 90m, 24h or 7d", ExitCode.Misuse);

    private GivenReceipt? ReadReceipt(ParseResult parsed)
    {
        if (parsed.GetValue(_receipt) is not { } path) return null;
        var (text, embedded) = VerifyReceiptCommand.Read(path);
        var entry = parsed.GetValue(_entry) is { } given ? LedgerFile.ReadBytes(given) : embedded;
        return new GivenReceipt(InclusionReceipt.TryParse(text, out var receipt) ? receipt : null, entry);
    }
}
