using BenchmarkDotNet.Running;
using Broker.Benchmarks.Attestation;
using Broker.Benchmarks.Kms;
using Broker.Benchmarks.Ledger;
using Broker.Benchmarks.Load;

// Programs that measure over time have a name of their own; everything else is BenchmarkDotNet's command line.
return args switch
{
    ["quotes"] => await QuoteVerificationBenchmark.RunAsync(Console.Out),
    ["ledger-growth", .. var rest] => await LedgerGrowth.RunAsync(rest),
    ["ledger-writer", .. var rest] => await WriterCost.RunAsync(rest),
    ["ledger-lookups", .. var rest] => await LookupCost.RunAsync(rest),
    ["ledger-catch-up", .. var rest] => await IndexCatchUp.RunAsync(rest),
    ["kms-app-key", .. var rest] => await AppKeyThroughput.RunAsync(rest),
    ["sign-in", .. var rest] => await SignIn.RunAsync(rest),
    ["mcp-start", .. var rest] => await FirstAnswer.RunAsync(rest),
    ["allocations", .. var rest] => Allocations.Run(rest),
    _ => BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args).Any() ? 0 : 1,
};
