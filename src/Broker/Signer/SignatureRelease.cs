using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.Identity;
using Broker.Ledger;

namespace Broker.Signer;

/// <summary>An approved signature on its way to the ledger; the digest is signed for what the ledger holds.</summary>
/// <param name="Form"><c>message</c> (EIP-191) or <c>typed_data</c> (EIP-712).</param>
/// <param name="Digest">32 bytes.</param>
internal sealed record SignatureRelease(
    RecordId RecordId, DateTimeOffset At, VerifiedCaller Caller, EthereumAddress Address, string Form, byte[] Digest,
    string RequestId) : IRelease
{
    public const string RequestedRole = "wallet_signature";

    public static readonly EntryKind Kind = new("wallet_signature") { SpendsBudget = true };

    public LedgerEntry ToEntry() => new()
    {
        RecordId = RecordId,
        MintedAt = At,
        Kind = Kind,
        Outcome = LedgerOutcome.Ok,
        RequestedRole = RequestedRole,
        Actor = Caller.OnRecord,
        Bearer = Caller.BearerHash,
        Detail = Form,
        Subject = Address.ToString(),
        RequestId = RequestId,
        Evidence = EntryEvidence.Of(
            ("digest", Convert.ToHexStringLower(Digest)), ("form", Form), ("key_version", $"{MasterSecret.KeyVersion}")),
    };
}
