using Broker.Cli;
using Broker.Cli.Attestation;
using Broker.Cli.Credentials;
using Broker.Cli.Dev;
using Broker.Cli.Doctor;
using Broker.Cli.Iam;
using Broker.Cli.Issuer;
using Broker.Cli.Keys;
using Broker.Cli.Kms;
using Broker.Cli.Ledger;
using Broker.Cli.Manual;
using Broker.Cli.Mcp;
using Broker.Cli.Quotes;
using Broker.Cli.Roles;
using Broker.Cli.Running;
using Broker.Cli.Setup;
using Broker.Cli.SignIn;
using Broker.Cli.Tee;
using Broker.Cli.Tokens;
using Broker.Cli.Wallet;

return await BrokerCtl.RunAsync(
    [
        LoginCommand.Create(),
        LogoutCommand.Create(),
        WhoamiCommand.Create(),
        CredsCommand.Create(),
        RunCommand.Create(),
        ServeCredentialsCommand.Create(),
        TokenCommand.Create(),
        RolesCommand.Create(),
        ExplainCommand.Create(),
        SetupCommand.Create(),
        IamCommands.Create(),
        DoctorCommand.Create(),
        McpCommand.Create(),
        DevCommand.Create(),
        LedgerCommands.Create(),
        KeysCommands.Create(),
        KmsCommands.Create(),
        QuoteCommands.Create(),
        AttestationCommands.Create(),
        IssuerCommands.Create(),
        TeeCommands.Create(),
        WalletCommands.Create(),
        CompletionsCommand.Create(),
        ManCommand.Create(),
    ],
    args, Console.Out, Console.Error);
