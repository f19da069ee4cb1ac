using Broker.Cli.Ledger;
using Broker.Cryptography;
using Broker.Ledger.Merkle;
using Broker.Ledger.Notes;

namespace Broker.Cli.Tests.Ledger;

/// <summary><c>brokerctl ledger verify-receipt</c> on receipts of logs that are not Broker's.</summary>
public sealed class ForeignReceiptTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("receipt-cli-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>tlog-proof, "Verifying a tlog proof": by a key that is known for the origin.</summary>
    [Theory]
    [InlineData("the tree", 0)]
    [InlineData("another tree", 1)]
    [InlineData(null, 1)]
    public async Task A_receipt_of_a_log_whose_origin_is_not_its_keys_name_verifies_with_both(
        string? origin, int expected)
    {
        using var key = Ed25519SigningKey.Generate();
        var signer = new NoteSigner("sum.example", key);
        var note = signer.Sign(new Checkpoint("the tree", 1, TreeHasher.Leaf("entry"u8)).ToText());
        await File.WriteAllTextAsync(Path.Combine(_folder, "receipt"), InclusionReceipt.Format(0, [], note));
        await File.WriteAllTextAsync(Path.Combine(_folder, "entry"), "entry");
        var log = (origin is null ? "" : origin + " ") + signer.VerifierKey;

        var exitCode = await BrokerCtlProgram.RunAsync(
            [LedgerCommands.Create()],
            [
                "ledger", "verify-receipt", Path.Combine(_folder, "receipt"), "--vkey", log,
                "--entry", Path.Combine(_folder, "entry"),
            ],
            TextWriter.Null, TextWriter.Null);

        exitCode.ShouldBe(expected);
    }
}
