using System.CommandLine;

namespace Broker.Cli.Attestation;

/// <summary>
/// <c>brokerctl attestation show</c>: what a piece of dstack evidence says, and whether it is true;
/// <c>brokerctl attestation verify</c>: the same, and for a bare SEV-SNP report with its certificates, against rules
/// and values of one's own. Exit code 0 when it is verified, 1 when it is refused, 2 on misuse. What is refused is
/// shown all the same, as unproven.
/// </summary>
internal static class AttestationCommands
{
    public static Command Create()
    {
        var command = new Command("attestation", "Look into dstack attestations and SEV-SNP reports");
        command.Subcommands.Add(new EvidenceCommand(
            "show", "Show registers, events with their replay, app and verdict", new SnpInput(), takesReports: false)
            .Create());
        command.Subcommands.Add(new EvidenceCommand(
            "verify", "Verify evidence, or an SEV-SNP report with its certificates", new SnpInput(),
            takesReports: true).Create());
        return command;
    }
}
