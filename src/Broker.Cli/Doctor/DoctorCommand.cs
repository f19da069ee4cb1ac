using System.CommandLine;
using Broker.Cli.Client;
using Broker.Cli.Terminal;

namespace Broker.Cli.Doctor;

/// <summary>
/// <c>brokerctl doctor</c>: looks at a broker as AWS and as a caller see it. It changes nothing, and mints only when
/// asked to. Ends with 1 where there is a fault.
/// </summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var shared = new ClientOptions();
        var role = new Option<string?>("--role") { Description = "the role of the canary mint, by name or ARN" };
        var mint = new Option<bool>("--mint") { Description = "let the canary mint for real, for 900 seconds" };
        var command = new Command("doctor", "Find out why AWS or the broker refuses, and what to do") { role, mint };
        shared.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            var broker = shared.Address(parsed);
            var findings = new Findings();
            var issuer = await ExamineAsync(broker, findings, parsed.GetValue(role), parsed.GetValue(mint), stop);
            var output = parsed.InvocationConfiguration.Output;
            if (shared.IsJson(parsed))
            {
                JsonOutput.Write(
                    output, new DoctorAnswer(broker.AbsoluteUri, issuer, !findings.HasFault, findings.All),
                    DoctorJson.Indented.DoctorAnswer);
            }
            else
            {
                Write(output, findings);
            }

            return findings.HasFault ? ExitCode.Failed : ExitCode.Ok;
        });
        return command;
    }

    private static async Task<string?> ExamineAsync(
        Uri broker, Findings findings, string? role, bool mint, CancellationToken stop)
    {
        using var client = new AwsLikeClient();
        var checks = new IssuerChecks(client, findings);
        var issuer = await checks.FindAsync(broker, stop);
        if (issuer is null) return null;

        var home = Uri.TryCreate(issuer, UriKind.Absolute, out var parsed) ? parsed : null;
        var isLaptop = home is { IsLoopback: true } && broker.IsLoopback;
        var keys = await checks.ExamineAsync(issuer, broker, isLaptop, stop);
        if (home is { Scheme: "https" } && client.Seen is { } seen)
            await TlsChecks.ExamineAsync(home, seen, findings, stop);
        if (keys is not null) KeySetChecks.Examine(keys, findings);

        var itself = new BrokerChecks(broker, findings);
        await itself.HealthAsync(client, stop);
        await itself.CanaryAsync(role, mint, stop);
        return issuer;
    }

    private static void Write(TextWriter output, Findings findings)
    {
        var width = findings.All.Max(finding => finding.Check.Length);
        foreach (var (check, verdict, found, fix) in findings.All)
        {
            var word = verdict switch { Verdict.Ok => "ok     ", Verdict.Warning => "warning", _ => "FAULT  " };
            output.WriteLine($"{word}  {check.PadRight(width)}  {found}");
            if (fix is not null) output.WriteLine($"{new string(' ', 9 + width)}  fix: {fix}");
        }

        var (faults, warnings) = (
            findings.All.Count(one => one.Verdict == Verdict.Fault),
            findings.All.Count(one => one.Verdict == Verdict.Warning));
        output.WriteLine($"{faults} fault{(faults == 1 ? "" : "s")}, {warnings} warning{(warnings == 1 ? "" : "s")}");
    }
}
