using Broker.Ledger;

namespace Broker.Benchmarks.Ledger;

/// <summary>Entries of the length that real ones have, by a thousand actors.</summary>
internal static class SampleEntries
{
    private const int Actors = 1000;

    private static readonly string[] Omnis = [.. Enumerable.Range(0, Actors).Select(n => $"{n:x8}".PadRight(64, 'a'))];
    private static readonly string[] Wallets =
        [.. Enumerable.Range(0, Actors).Select(n => $"0x{n:x8}".PadRight(42, 'b'))];

    public static LedgerEntry Make(long number)
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(1_763_700_000).AddMilliseconds(number);
        var actor = (int)(number * 7919 % Actors);
        return new LedgerEntry
        {
            MintedAt = now.ToUnixTimeSeconds(),
            RequesterToken = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            RequesterWallet = Wallets[actor],
            RequestedRole = "arn:aws:iam::123456789012:role/agentkeys-data-role",
            SessionDurationSeconds = 3600,
            StsSessionName = "agentkeys-aud_1763700000_00112233445566ff",
            Outcome = LedgerOutcome.Ok,
            RecordId = RecordId.New(now).ToString(),
            Kind = LedgerKind.AwsCredentials,
            ActorOmni = Omnis[actor],
            Subject = "agentkeys:wallet:0x2c7536e3605d9c16a7a3d7b1898e529396a65c23",
            RequestId = "0HN7V5Q2J3K4M:00000001",
            AccessKeyId = "ASIAIOSFODNN7EXAMPLE",
            ExpiresAt = now.ToUnixTimeSeconds() + 3600,
        };
    }
}
