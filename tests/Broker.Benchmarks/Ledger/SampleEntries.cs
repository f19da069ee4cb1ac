using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.Ledger;
using Broker.Ledger.Writing;

namespace Broker.Benchmarks.Ledger;

/// <summary>Entries of the length that real ones have, by a thousand actors where nobody says otherwise.</summary>
internal static class SampleEntries
{
    private static readonly EntryKind Kind = new("aws_credentials") { SpendsBudget = true };

    private static EntryActor[] _actors = ActorsOf(1000);

    private static readonly Sha256Digest Bearer = Sha256Digest.Of("a bearer");

    public static EntryKinds Kinds { get; } = new([Kind]);

    /// <summary>How many actors take turns; set before the first entry is made.</summary>
    public static int Actors
    {
        get => _actors.Length;
        set => _actors = ActorsOf(value);
    }

    public static LedgerEntry Make(long number)
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(1_763_700_000).AddMilliseconds(number);
        return new LedgerEntry
        {
            RecordId = RecordId.New(now),
            MintedAt = now,
            Kind = Kind,
            Outcome = LedgerOutcome.Ok,
            RequestedRole = "arn:aws:iam::123456789012:role/agentkeys-data-role",
            Actor = _actors[(int)(number * 7919 % _actors.Length)],
            Bearer = Bearer,
            Lifetime = TimeSpan.FromHours(1),
            Session = EntrySession.Of("agentkeys-aud_1763700000_00112233445566ff"),
            Subject = "agentkeys:wallet:0x2c7536e3605d9c16a7a3d7b1898e529396a65c23",
            RequestId = "0HN7V5Q2J3K4M:00000001",
            AccessKeyId = "ASIAIOSFODNN7EXAMPLE",
            ExpiresAt = now.AddHours(1),
        };
    }

    /// <summary>Appends so many at once; returns when all are durable.</summary>
    public static Task AppendAsync(ReleaseLedger ledger, int count)
    {
        var start = ledger.Status.Size;
        return Task.WhenAll(Enumerable.Range(0, count)
            .Select(n => ledger.AppendAsync(Make(start + n), CancellationToken.None).AsTask()));
    }

    private static EntryActor[] ActorsOf(int count) => [.. Enumerable.Range(0, count).Select(ActorOf)];

    private static EntryActor ActorOf(int number) =>
        ActorOmni.TryParse($"{number:x8}".PadRight(64, 'a'), out var omni)
            && EthereumAddress.TryParse($"0x{number:x8}".PadRight(42, 'b'), out var wallet)
            ? EntryActor.Of(omni, wallet)
            : throw new ArgumentOutOfRangeException(nameof(number));
}
