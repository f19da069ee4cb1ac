using Broker.Cli;
using Broker.Cli.Ledger;
using Broker.Cli.Wallet;

return await BrokerCtl.RunAsync(
    [
        LedgerCommands.Create(),
        WalletCommands.Create(),
    ],
    args, Console.Out, Console.Error);
