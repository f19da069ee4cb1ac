using System.CommandLine;

namespace Broker.Cli.Issuer;

/// <summary><c>brokerctl issuer</c>: what an OIDC issuer's confidential machine proves of it.</summary>
internal static class IssuerCommands
{
    public static Command Create()
    {
        var command = new Command("issuer", "Check which code holds an issuer's keys");
        command.Subcommands.Add(new VerifyIssuerCommand().Create());
        return command;
    }
}
