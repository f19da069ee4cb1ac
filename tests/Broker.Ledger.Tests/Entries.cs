using Broker.Ledger.Notes;

namespace Broker.Ledger.Tests;

/// <summary>Entries as the broker would make them.</summary>
internal static class Entries
{
    public const string Omni = "5f2ad3e5b0a1c4b7d6e8f90112233445566778899aabbccddeeff00112233445";
    public const string Wallet = "0x2c7536e3605d9c16a7a3d7b1898e529396a65c23";

    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_763_700_000);

    public static LedgerEntry Granted(int number = 0, string omni = Omni) => new()
    {
        MintedAt = Start.ToUnixTimeSeconds() + number,
        RequesterToken = new string('a', 64),
        RequesterWallet = Wallet,
        RequestedRole = "arn:aws:iam::123456789012:role/data",
        SessionDurationSeconds = 3600,
        StsSessionName = $"agent-{number}",
        Outcome = LedgerOutcome.Ok,
        RecordId = RecordId.New(Start.AddSeconds(number)).ToString(),
        Kind = LedgerKind.AwsCredentials,
        ActorOmni = omni,
        Subject = $"agentkeys:{omni}",
        RequestId = $"req-{number}",
        AccessKeyId = "ASIAEXAMPLE",
        ExpiresAt = Start.ToUnixTimeSeconds() + number + 3600,
    };

    public static LedgerEntry Refused(int number = 0, string detail = "the token has expired") => Granted(number) with
    {
        Outcome = LedgerOutcome.AuthFailed,
        OutcomeDetail = detail,
        RequesterWallet = "unknown",
        StsSessionName = "(unauthenticated)",
        ActorOmni = "",
        AccessKeyId = "",
        ExpiresAt = 0,
    };

    /// <summary>Why the receipt does not hold, or null.</summary>
    public static string? FaultOf(this LedgerReceipt receipt, NoteKey key) =>
        InclusionReceipt.TryParse(receipt.Proof, out var parsed)
            ? parsed.FindFault(receipt.CanonicalEntry, key)
            : "the receipt cannot be read";
}
