using System.CommandLine;

namespace Broker.Cli.Kms;

/// <summary><c>brokerctl kms</c>: brings a KMS up, looks at it, and keeps its keys safe.</summary>
internal static class KmsCommands
{
    public static Command Create()
    {
        var command = new Command("kms", "Set up, inspect, back up and restore a KMS");
        command.Subcommands.Add(KmsInspection.CreateStatus());
        command.Subcommands.Add(KmsSetup.CreateBootstrap());
        command.Subcommands.Add(KmsSetup.CreateOnboard());
        command.Subcommands.Add(KmsSetup.CreateFinish());
        command.Subcommands.Add(KmsInspection.CreateMeta());
        command.Subcommands.Add(KmsInspection.CreateVersion());
        command.Subcommands.Add(AppEnvKeyCommand.Create());
        command.Subcommands.Add(BackupCommands.CreateBackup());
        command.Subcommands.Add(BackupCommands.CreateRestore());
        return command;
    }
}
