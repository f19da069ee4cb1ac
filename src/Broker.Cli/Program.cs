using Broker.Cli;
using Broker.Cli.Attestation;
using Broker.Cli.Credentials;
using Broker.Cli.Dev;
using Broker.Cli.Doctor;
using Broker.Cli.Iam;
using Broker.Cli.Kms;
using Broker.Cli.Ledger;
using Broker.Cli.Mcp;
using Broker.Cli.Quotes;
using Broker.Cli.SignIn;
using Broker.Cli.Tee;
using Broker.Cli.Wallet;

return await BrokerCtl.RunAsync(
    [
        LoginCommand.Create(),
        LogoutCommand.Create(),
        WhoamiCommand.Create(),
        CredsCommand.Create(),
        IamCommands.Create(),
        DoctorCommand.Create(),
        DevCommand.Create(),
        McpCommand.Create(),
        LedgerCommands.Create(),
        KmsCommands.Create(),
        QuoteCommands.Create(),
        AttestationCommands.Create(),
        TeeCommands.Create(),
        WalletCommands.Create(),
    ],
    args, Console.Out, Console.Error);
