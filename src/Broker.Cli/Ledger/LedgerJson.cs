using System.Text.Json.Serialization;
using Broker.Cli.Terminal;
using Broker.Ledger;

namespace Broker.Cli.Ledger;

/// <summary>How the answers of <c>brokerctl ledger</c> are written; made at build time, as a native program needs.</summary>
[JsonSerializable(typeof(ConsistencyAnswer))]
[JsonSerializable(typeof(LedgerStatistics))]
[JsonSerializable(typeof(ProofAnswer))]
[JsonSerializable(typeof(ReceiptAnswer))]
[JsonSerializable(typeof(VerificationAnswer))]
[JsonSerializable(typeof(WitnessAnswer))]
internal sealed partial class LedgerJson : JsonSerializerContext
{
    public static readonly LedgerJson Indented = new(JsonOutput.Indented);

    public static readonly LedgerJson Line = new(JsonOutput.Line);
}
