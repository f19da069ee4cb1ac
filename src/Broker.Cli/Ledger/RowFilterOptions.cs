using System.CommandLine;
using Broker.Cli.Terminal;
using Broker.Ledger;

namespace Broker.Cli.Ledger;

/// <summary>The options that narrow a listing.</summary>
internal sealed class RowFilterOptions
{
    private readonly Option<string> _wallet = Text("--wallet", "of this wallet");
    private readonly Option<string> _omni = Text("--omni", "of this actor");
    private readonly Option<string> _role = Text("--role", "for this role: the whole value or an ARN's last segment");
    private readonly Option<string> _outcome = Text("--outcome", "with this outcome, such as ok or denied");
    private readonly Option<string> _kind = Text("--kind", "of this kind, such as oidc_token");
    private readonly Option<DateTimeOffset?> _since =
        Time("--since", "at this moment or later (ISO 8601, Unix seconds, or an age as 24h)");
    private readonly Option<DateTimeOffset?> _until = Time("--until", "before this moment");
    private readonly Option<long> _after = new("--after") { Description = "with a greater row id", HelpName = "ID" };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_wallet, _omni, _role, _outcome, _kind, _since,
            _until, _after]) command.Options.Add(option);
    }

    public LedgerFilter Read(ParseResult parsed) => new()
    {
        Wallet = parsed.GetValue(_wallet)?.ToLowerInvariant(),
        ActorOmni = parsed.GetValue(_omni)?.ToLowerInvariant(),
        Role = parsed.GetValue(_role),
        Outcome = parsed.GetValue(_outcome),
        Kind = parsed.GetValue(_kind),
        Since = parsed.GetValue(_since),
        Until = parsed.GetValue(_until),
        AfterId = parsed.GetValue(_after),
    };

    private static Option<string> Text(string name, string description) => new(name) { Description = description };

    private static Option<DateTimeOffset?> Time(string name, string description) =>
        new(name) { Description = description, CustomParser = Moment.Parse };
}
