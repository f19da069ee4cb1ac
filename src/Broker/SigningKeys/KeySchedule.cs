namespace Broker.SigningKeys;

/// <summary>How a key stands at a time.</summary>
internal enum KeyState
{
    /// <summary>Published, and does not sign yet.</summary>
    Announced,

    Signing,

    /// <summary>Published: what it signed may still be in use.</summary>
    Retiring,

    Retired,

    /// <summary>Taken out of use before its time.</summary>
    Withdrawn,
}

/// <summary>
/// Which keys of a line sign and are published at a time. It follows from the versions and the clock alone, so that
/// every node and every start comes to the same.
/// </summary>
internal static class KeySchedule
{
    /// <summary>How long a key is published before it signs: AWS and others keep a JWKS for up to a day.</summary>
    public static readonly TimeSpan Announcement = TimeSpan.FromHours(24);

    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long a key stays published after the next one signs: as long as the longest-lived thing that it signed.
    /// </summary>
    public static TimeSpan Afterlife(string purpose) => purpose switch
    {
        KeyPurpose.Oidc or KeyPurpose.OidcRs256 => TimeSpan.FromHours(1) + ClockSkew, // contract §3.1
        KeyPurpose.Session => TimeSpan.FromDays(1) + ClockSkew, // the most that BROKER_SESSION_JWT_TTL_SECONDS takes
        KeyPurpose.Ledger => TimeSpan.FromDays(1), // both sign, so that whoever trusts the old one hears of the new
        _ => throw new ArgumentException($"internal error: no purpose \"{purpose}\"", nameof(purpose)),
    };

    /// <param name="versions">Of one purpose, by version; empty for the one that is configured.</param>
    public static KeyPlan At(string purpose, IReadOnlyList<KeyVersion> versions, DateTimeOffset now)
    {
        if (versions.Count == 0) return KeyPlan.First;
        var signing = versions.LastOrDefault(one => one.WithdrawnAt is null && one.SignsAt <= now)
            ?? throw new InvalidOperationException($"internal error: no {purpose} key signs");
        var states = new Dictionary<int, KeyState>();
        foreach (var one in versions)
        {
            states[one.Version] = one.WithdrawnAt is not null ? KeyState.Withdrawn
                : one.Version == signing.Version ? KeyState.Signing
                : one.Version > signing.Version ? KeyState.Announced
                : EndOf(purpose, versions, one) > now ? KeyState.Retiring
                : KeyState.Retired;
        }

        return new KeyPlan(signing.Version, states);
    }

    /// <summary>When it leaves by itself; null while no later key is to sign.</summary>
    public static DateTimeOffset? EndOf(string purpose, IReadOnlyList<KeyVersion> versions, KeyVersion one)
    {
        var successors = versions.Where(other => other.Version > one.Version && other.WithdrawnAt is null).ToList();
        return successors.Count == 0 ? null : successors.Min(other => other.SignsAt) + Afterlife(purpose);
    }
}

/// <summary>The state of each version at a time.</summary>
/// <param name="Signing">The version that signs.</param>
internal sealed record KeyPlan(int Signing, IReadOnlyDictionary<int, KeyState> States)
{
    /// <summary>Before the first rotation.</summary>
    public static KeyPlan First { get; } = new(1, new Dictionary<int, KeyState> { [1] = KeyState.Signing });

    /// <summary>The versions that are published: the signing one, then the newest first.</summary>
    public IEnumerable<int> Published => States
        .Where(one => one.Value is KeyState.Announced or KeyState.Retiring)
        .Select(one => one.Key).OrderDescending().Prepend(Signing);

    /// <summary>Another text for every other plan.</summary>
    public override string ToString() =>
        string.Join(' ', States.OrderBy(one => one.Key).Select(one => $"v{one.Key}:{one.Value}"));
}
