using System.Globalization;

namespace Broker.Ledger.Tests.Index;

/// <summary>
/// Rows of many actors, wallets, kinds and times, the same each time. Actors have one wallet, two, one that twenty of
/// them share, or none; the clock is set back now and then.
/// </summary>
internal static class ManyRows
{
    public const string Shared = "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed";
    public const string Unknown = "unknown";

    private const long Start = 1_763_700_000;
    private const int ActorCount = 40;

    private static readonly string[] Kinds = ["aws_credentials", "session_token", "kms_key", "refusals"];
    private static readonly string[] Outcomes = ["ok", "ok", "ok", "denied"];

    public static IReadOnlyList<string> Actors { get; } = [.. Enumerable.Range(0, ActorCount).Select(Omni)];

    /// <summary>Rows as the broker would make them, from the given number on.</summary>
    public static IEnumerable<LedgerColumns> From(int first, int count) => Enumerable.Range(first, count).Select(Row);

    private static LedgerColumns Row(int number)
    {
        var mix = unchecked((uint)number * 2654435761u) >> 8;
        var actor = (int)(mix % ActorCount);

        // A kind of its own for a stretch of some hundred rows, so that blocks differ in their kinds.
        var kind = number % 2500 < 400 ? Kinds[3] : Kinds[mix / 7 % 3];
        var time = Start + number - (number % 700 == 699 ? 1800 : 0);
        return new LedgerColumns
        {
            MintedAt = time,
            RequesterToken = "",
            RequesterWallet = WalletOf(actor, number),
            RequestedRole = number % 3 == 0 ? "oidc_jwt" : "arn:aws:iam::123456789012:role/data",
            SessionDurationSeconds = 3600,
            StsSessionName = $"agent-{number}",
            Outcome = Outcomes[mix / 11 % 4],
            RecordId = $"aud_{time}_{mix % 1000:x8}{number:x8}",
            Kind = kind,
            ActorOmni = number % 53 == 0 ? "" : Omni(actor),
            Subject = $"agentkeys:{number}",
        };
    }

    private static string WalletOf(int actor, int number)
    {
        if (number % 17 == 0) return Unknown;
        return actor switch
        {
            < 20 => Shared,
            < 25 => Wallet(actor, 0),
            < 30 => Wallet(actor, number % 2),
            < 38 => Unknown,

            // Has none: the actor stands for it.
            _ => Omni(actor),
        };
    }

    private static string Wallet(int actor, int which) =>
        "0x" + (actor + 100 * which).ToString("x8", CultureInfo.InvariantCulture) + new string('7', 32);

    // Two in a row share the digits that the index keeps.
    private static string Omni(int actor) =>
        (actor / 2 * 977).ToString("x16", CultureInfo.InvariantCulture)
        + actor.ToString("x8", CultureInfo.InvariantCulture) + new string('c', 40);
}
