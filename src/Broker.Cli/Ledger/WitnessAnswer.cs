namespace Broker.Cli.Ledger;

/// <summary>The answer of <c>ledger witness --json</c>: the one line that it prints once it listens.</summary>
internal sealed record WitnessAnswer(string Listening, string Vkey);
