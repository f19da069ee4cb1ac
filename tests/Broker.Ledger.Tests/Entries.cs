using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.Ledger.Notes;

namespace Broker.Ledger.Tests;

/// <summary>Entries as the broker would make them.</summary>
internal static class Entries
{
    public const string Omni = "5f2ad3e5b0a1c4b7d6e8f90112233445566778899aabbccddeeff00112233445";
    public const string Wallet = "0x2c7536e3605d9c16a7a3d7b1898e529396a65c23";

    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_763_700_000);

    /// <summary>A kind that takes from the actor's budget.</summary>
    public static readonly EntryKind Credentials = new("aws_credentials") { SpendsBudget = true };

    /// <summary>A kind that does not.</summary>
    public static readonly EntryKind Session = new("session_token");

    public static readonly EntryKinds Kinds = new([Credentials, Session]);

    public static LedgerEntry Granted(int number = 0, string omni = Omni) => new()
    {
        RecordId = RecordId.New(Start.AddSeconds(number)),
        MintedAt = Start.AddSeconds(number),
        Kind = Credentials,
        Outcome = LedgerOutcome.Ok,
        RequestedRole = "arn:aws:iam::123456789012:role/data",
        Actor = EntryActor.Of(
            ActorOmni.TryParse(omni, out var actor) ? actor : throw new ArgumentException(omni),
            EthereumAddress.TryParse(Wallet, out var wallet) ? wallet : throw new ArgumentException(Wallet)),
        Bearer = Sha256Digest.TryParse(new string('a', 64), out var bearer) ? bearer : null,
        Lifetime = TimeSpan.FromHours(1),
        Session = EntrySession.Of($"agent-{number}"),
        Subject = $"agentkeys:{omni}",
        RequestId = $"req-{number}",
        AccessKeyId = "ASIAEXAMPLE",
        ExpiresAt = Start.AddSeconds(number + 3600),
    };

    public static LedgerEntry Refused(int number = 0, string detail = "the token has expired") => Granted(number) with
    {
        Outcome = LedgerOutcome.AuthFailed,
        Detail = detail,
        Actor = default,
        Session = EntrySession.Unauthenticated,
        AccessKeyId = "",
        ExpiresAt = null,
    };

    /// <summary>Why the receipt does not hold, or null.</summary>
    public static string? FaultOf(this LedgerReceipt receipt, NoteKey key) =>
        InclusionReceipt.TryParse(receipt.Proof, out var parsed)
            ? parsed.FindFault(receipt.CanonicalEntry, key)
            : "the receipt cannot be read";
}
