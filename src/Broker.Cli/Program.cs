using Broker.Cli;
using Broker.Cli.Ledger;

return await BrokerCtl.RunAsync(
    [
        LedgerCommands.Create(),
    ],
    args, Console.Out, Console.Error);
