using Broker.Cli;
using Broker.Cli.Ledger;
using Broker.Cli.Quotes;
using Broker.Cli.Tee;

return await BrokerCtl.RunAsync(
    [
        LedgerCommands.Create(),
        QuoteCommands.Create(),
        TeeCommands.Create(),
    ],
    args, Console.Out, Console.Error);
