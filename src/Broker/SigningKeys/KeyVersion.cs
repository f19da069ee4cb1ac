using Broker.Storage;
using Dapper;

namespace Broker.SigningKeys;

/// <summary>
/// One key in the line of a purpose's keys. Version 1 is the configured file's, or that of the KMS's path that ends in
/// <c>v1</c>; it is known without a row until the first rotation.
/// </summary>
/// <param name="Purpose">One of <see cref="KeyPurpose.All"/>.</param>
/// <param name="KeyId">The RFC 7638 thumbprint; of a ledger key its 32 public bytes in hex.</param>
/// <param name="AnnouncedAt">Published from then on.</param>
/// <param name="SignsAt">Signs from then on, until the next one does.</param>
/// <param name="WithdrawnAt">When it was taken out of use before its time; null where it was not.</param>
internal sealed record KeyVersion(
    string Purpose, int Version, string KeyId, DateTimeOffset AnnouncedAt, DateTimeOffset SignsAt,
    DateTimeOffset? WithdrawnAt)
{
    /// <summary>The note by which a ledger key vouches for this one; null for the first, and for other purposes.</summary>
    public string? Succession { get; init; }
}

/// <summary>The lines of keys, shared by all nodes of a broker. Durable when a method returns.</summary>
internal interface IKeyVersions
{
    /// <summary>In the order of their versions; empty before the first rotation.</summary>
    IReadOnlyList<KeyVersion> Of(string purpose);

    /// <summary>Adds versions and replaces those that are there, all of them or none.</summary>
    void Keep(IReadOnlyList<KeyVersion> versions);
}

internal sealed class SqliteKeyVersions(StateDatabase database) : IKeyVersions
{
    public IReadOnlyList<KeyVersion> Of(string purpose)
    {
        using var connection = database.Connect();
        return
        [
            .. connection.Query<Row>(
                """
                SELECT version AS Version, key_id AS KeyId, announced_at AS AnnouncedAt, signs_at AS SignsAt,
                       withdrawn_at AS WithdrawnAt, succession AS Succession
                FROM key_versions WHERE purpose = @purpose ORDER BY version
                """,
                new { purpose })
                .Select(row => new KeyVersion(
                    purpose, (int)row.Version, row.KeyId, At(row.AnnouncedAt), At(row.SignsAt),
                    row.WithdrawnAt is { } withdrawn ? At(withdrawn) : null)
                {
                    Succession = row.Succession,
                }),
        ];
    }

    public void Keep(IReadOnlyList<KeyVersion> versions)
    {
        using var connection = database.Connect();
        using var transaction = connection.BeginTransaction();
        connection.Execute(
            """
            INSERT INTO key_versions (purpose, version, key_id, announced_at, signs_at, withdrawn_at, succession)
            VALUES (@Purpose, @Version, @KeyId, @AnnouncedAt, @SignsAt, @WithdrawnAt, @Succession)
            ON CONFLICT (purpose, version) DO UPDATE SET
                signs_at = excluded.signs_at, withdrawn_at = excluded.withdrawn_at
            """,
            versions.Select(one => new
            {
                one.Purpose,
                one.Version,
                one.KeyId,
                AnnouncedAt = one.AnnouncedAt.ToUnixTimeSeconds(),
                SignsAt = one.SignsAt.ToUnixTimeSeconds(),
                WithdrawnAt = one.WithdrawnAt?.ToUnixTimeSeconds(),
                one.Succession,
            }),
            transaction);
        transaction.Commit();
    }

    private static DateTimeOffset At(long seconds) => DateTimeOffset.FromUnixTimeSeconds(seconds);

    private sealed record Row(
        long Version, string KeyId, long AnnouncedAt, long SignsAt, long? WithdrawnAt, string? Succession);
}
