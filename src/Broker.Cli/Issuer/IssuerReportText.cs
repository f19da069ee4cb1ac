using Broker.Cli.Terminal;

namespace Broker.Cli.Issuer;

/// <summary>The report for people: a line a check, then what was measured.</summary>
internal static class IssuerReportText
{
    public static void Write(TextWriter output, IssuerReport report)
    {
        var checks = new Table("check", "result", "what");
        foreach (var check in report.Checks)
        {
            var what = check.Code is null ? check.What : $"{check.Code}: {check.What}";
            checks.Add(check.Name, WordOf(check.Result), what);
        }

        checks.Write(output);
        output.WriteLine();
        if (report.Measured is { } measured)
        {
            var values = new Table("measured", "value");
            foreach (var (name, value) in measured.All) values.Add(name, value);
            values.Write(output);
            output.WriteLine();
        }

        output.WriteLine(report.IsRefused ? "REFUSED: this is not proven to be the issuer's machine, keys and ledger"
            : report.IsComplete ? "ok: the measured code holds the issuer's keys and its ledger's"
            : "NOT ALL CHECKED: what was checked holds");
    }

    private static string WordOf(CheckResult result) => result switch
    {
        CheckResult.Ok => "ok",
        CheckResult.Failed => "FAIL",
        _ => "not checked",
    };
}
