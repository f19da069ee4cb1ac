using Broker.Cryptography;
using Broker.Identity;
using Broker.Ledger;
using Broker.Storage;
using Dapper;

namespace Broker.Agents;

/// <summary>
/// Where pairings are kept (contract §2.16, §8). Every step is one conditional statement, so of two at once one wins.
/// A request id lies there as its hash, and sealed (<see cref="PairingSeal"/>). Durable when a method returns.
/// </summary>
internal interface IPairingStore
{
    /// <summary>Opens a pairing, and ends the device's earlier ones that nobody has claimed.</summary>
    void Open(Pairing pairing, Sha256Digest code, DateTimeOffset now);

    /// <summary>Claims an open pairing. Null where the code is unknown, used or too old.</summary>
    Pairing? Claim(Sha256Digest code, AgentPlace place, DateTimeOffset now, DateTimeOffset fetchUntil);

    /// <summary>The claim is on record: from now on the device may fetch its session.</summary>
    void Confirm(string requestId);

    /// <summary>The claim is not on record: the code is good again.</summary>
    void Unclaim(string requestId, DateTimeOffset until);

    /// <summary>A pairing of this very device; null for any other.</summary>
    Pairing? Find(string requestId, EthereumAddress device);

    /// <summary>Takes the one turn to fetch the session. False where it was taken before, or was declined.</summary>
    bool TakeMint(string requestId, DateTimeOffset now);

    /// <summary>Nothing was signed: the turn is there again.</summary>
    void ReturnMint(string requestId);

    /// <summary>
    /// Keeps which session was fetched, so that it can be ended. False where it was declined meanwhile.
    /// </summary>
    bool KeepSession(string requestId, string tokenId, DateTimeOffset validUntil);

    /// <summary>Keeps a device that was paired by a link code.</summary>
    void AddClaimed(Pairing pairing, DateTimeOffset now);

    /// <summary>What a master has claimed and neither bound nor declined, the oldest first.</summary>
    IReadOnlyList<Pairing> Pending(ActorOmni master);

    /// <summary>Null where the master has no such pairing that is neither bound nor declined.</summary>
    Pairing? Bind(ActorOmni master, string requestId, DateTimeOffset now);

    /// <summary>
    /// The pairing that makes a device this agent, bound by its master. Where the label was claimed again for another
    /// device, that one alone; null where it is not bound.
    /// </summary>
    Pairing? FindBound(ActorOmni agent);

    /// <summary>The agent's bound device was there: what is kept of it is kept for another month.</summary>
    void KeepBound(ActorOmni agent, DateTimeOffset now);

    /// <summary>
    /// Declines, from now on, and keeps the time of the first call. Null where the master has no such pairing, or it is
    /// bound, or its decline is on record already.
    /// </summary>
    Pairing? Decline(ActorOmni master, string requestId, DateTimeOffset now);

    /// <summary>The ledger holds the decline.</summary>
    void ConfirmDecline(string requestId);
}

internal sealed class SqlitePairingStore(StateDatabase database, PairingSeal seal) : IPairingStore
{
    /// <summary>
    /// Bound and declined pairings are forgotten after a month; a bound one whose device asks for sessions, a month after
    /// the last.
    /// </summary>
    private static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    private const string Columns =
        "request_hash AS Hash, sealed_request AS Sealed, device_pubkey AS Device, pop_sig AS PopSignature, "
        + "operator_omni AS Operator, "
        + "label AS Label, requested_scope AS Scope, open_until AS OpenUntil, minted_at AS MintedAt, "
        + "declined_at AS DeclinedAt, session_id AS SessionId, session_until AS SessionUntil, "
        + "confirmed AS IsConfirmed";

    private const string Undecided =
        "operator_omni = @Master AND confirmed = 1 AND bound_at IS NULL AND declined_at IS NULL";

    public void Open(Pairing pairing, Sha256Digest code, DateTimeOffset now)
    {
        using var connection = database.Connect();
        connection.Execute(
            """
            DELETE FROM pairing_requests WHERE device_pubkey = @Device AND claimed_at IS NULL;
            INSERT INTO pairing_requests
                (request_hash, sealed_request, code_hash, device_pubkey, pop_sig, created_at, open_until, expires_at)
            VALUES (@Hash, @Sealed, @Code, @Device, @PopSignature, @Now, @Until, @Until);
            """,
            new
            {
                Hash = HashOf(pairing.RequestId),
                Sealed = seal.Seal(pairing.RequestId, HashOf(pairing.RequestId)),
                Code = code.ToString(),
                Device = pairing.Device.Address.ToString(),
                pairing.PopSignature,
                Now = now.ToUnixTimeSeconds(),
                Until = pairing.Until.ToUnixTimeSeconds(),
            });
    }

    public Pairing? Claim(Sha256Digest code, AgentPlace place, DateTimeOffset now, DateTimeOffset fetchUntil) => One(
        "UPDATE pairing_requests SET claimed_at = @Now, operator_omni = @Operator, child_omni = @Child, "
        + "label = @Label, "
        + "requested_scope = @Scope, open_until = @Until, expires_at = @Kept "
        + "WHERE code_hash = @Code AND claimed_at IS NULL AND open_until > @Now",
        new
        {
            Code = code.ToString(),
            Operator = place.Operator.ToString(),
            Child = place.Child.ToString(),
            place.Label,
            place.Scope,
            Now = now.ToUnixTimeSeconds(),
            Until = fetchUntil.ToUnixTimeSeconds(),
            Kept = (now + Kept).ToUnixTimeSeconds(),
        });

    public void Confirm(string requestId) =>
        Execute("UPDATE pairing_requests SET confirmed = 1 WHERE request_hash = @Id", new { Id = HashOf(requestId) });

    public void Unclaim(string requestId, DateTimeOffset until) => Execute(
        "UPDATE pairing_requests SET claimed_at = NULL, operator_omni = NULL, open_until = @Until, expires_at = @Until "
        + "WHERE request_hash = @Id AND confirmed = 0",
        new { Id = HashOf(requestId), Until = until.ToUnixTimeSeconds() });

    public Pairing? Find(string requestId, EthereumAddress device)
    {
        using var connection = database.Connect();
        return connection.QuerySingleOrDefault<Row>(
            $"SELECT {Columns} FROM pairing_requests WHERE request_hash = @Id AND device_pubkey = @Device",
            new { Id = HashOf(requestId), Device = device.ToString() })?.ToPairing(seal);
    }

    public bool TakeMint(string requestId, DateTimeOffset now)
    {
        using var connection = database.Connect();
        return connection.Execute(
            "UPDATE pairing_requests SET minted_at = @Now WHERE request_hash = @Id AND confirmed = 1 "
            + "AND minted_at IS NULL AND declined_at IS NULL AND open_until > @Now",
            new { Id = HashOf(requestId), Now = now.ToUnixTimeSeconds() }) == 1;
    }

    public void ReturnMint(string requestId) =>
        Execute(
            "UPDATE pairing_requests SET minted_at = NULL WHERE request_hash = @Id", new { Id = HashOf(requestId) });

    public bool KeepSession(string requestId, string tokenId, DateTimeOffset validUntil)
    {
        using var connection = database.Connect();
        return connection.Execute(
            "UPDATE pairing_requests SET session_id = @Token, session_until = @Until WHERE request_hash = @Id "
            + "AND declined_at IS NULL",
            new { Id = HashOf(requestId), Token = tokenId, Until = validUntil.ToUnixTimeSeconds() }) == 1;
    }

    public void AddClaimed(Pairing pairing, DateTimeOffset now) => Execute(
        """
        INSERT INTO pairing_requests (request_hash, sealed_request, code_hash, device_pubkey, pop_sig, created_at,
            open_until, expires_at, claimed_at, confirmed, operator_omni, child_omni, label, requested_scope, minted_at,
            session_id, session_until)
        VALUES (@Hash, @Sealed, @Hash, @Device, @PopSignature, @Now, @Now, @Kept, @Now, 1, @Operator, @Child, @Label,
            @Scope, @Now, @Token, @SessionUntil)
        """,
        new
        {
            Hash = HashOf(pairing.RequestId),
            Sealed = seal.Seal(pairing.RequestId, HashOf(pairing.RequestId)),
            Device = pairing.Device.Address.ToString(),
            pairing.PopSignature,
            Now = now.ToUnixTimeSeconds(),
            Kept = (now + Kept).ToUnixTimeSeconds(),
            Operator = pairing.Place!.Operator.ToString(),
            Child = pairing.Place.Child.ToString(),
            pairing.Place.Label,
            pairing.Place.Scope,
            Token = pairing.Session!.Value.TokenId,
            SessionUntil = pairing.Session.Value.ValidUntil.ToUnixTimeSeconds(),
        });

    public IReadOnlyList<Pairing> Pending(ActorOmni master)
    {
        using var connection = database.Connect();
        return
        [
            .. connection.Query<Row>(
                $"SELECT {Columns} FROM pairing_requests WHERE {Undecided} ORDER BY claimed_at, rowid",
                new { Master = master.ToString() }).Select(row => row.ToPairing(seal)).OfType<Pairing>(),
        ];
    }

    public Pairing? Bind(ActorOmni master, string requestId, DateTimeOffset now) => One(
        $"UPDATE pairing_requests SET bound_at = @Now WHERE request_hash = @Id AND {Undecided}",
        Key(master, requestId, now));

    public Pairing? FindBound(ActorOmni agent)
    {
        using var connection = database.Connect();
        return connection.QuerySingleOrDefault<Row>(
            $"""
            SELECT {Columns} FROM (
                SELECT * FROM pairing_requests WHERE child_omni = @Agent AND confirmed = 1 AND declined_at IS NULL
                ORDER BY claimed_at DESC, rowid DESC LIMIT 1)
            WHERE bound_at IS NOT NULL
            """,
            new { Agent = agent.ToString() })?.ToPairing(seal);
    }

    public void KeepBound(ActorOmni agent, DateTimeOffset now) => Execute(
        "UPDATE pairing_requests SET expires_at = @Kept WHERE child_omni = @Agent AND bound_at IS NOT NULL",
        new { Agent = agent.ToString(), Kept = (now + Kept).ToUnixTimeSeconds() });

    public Pairing? Decline(ActorOmni master, string requestId, DateTimeOffset now) => One(
        "UPDATE pairing_requests SET declined_at = coalesce(declined_at, @Now) WHERE request_hash = @Id "
        + "AND operator_omni = @Master AND confirmed = 1 AND bound_at IS NULL AND decline_recorded = 0",
        Key(master, requestId, now));

    public void ConfirmDecline(string requestId) =>
        Execute(
            "UPDATE pairing_requests SET decline_recorded = 1 WHERE request_hash = @Id",
            new { Id = HashOf(requestId) });

    private static object Key(ActorOmni master, string requestId, DateTimeOffset now) =>
        new { Id = HashOf(requestId), Master = master.ToString(), Now = now.ToUnixTimeSeconds() };

    private Pairing? One(string update, object parameters)
    {
        using var connection = database.Connect();
        return connection.QuerySingleOrDefault<Row>($"{update} RETURNING {Columns}", parameters)?.ToPairing(seal);
    }

    private void Execute(string sql, object parameters)
    {
        using var connection = database.Connect();
        connection.Execute(sql, parameters);
    }

    private static string HashOf(string requestId) => Sha256Digest.Of(requestId).ToString();

    private sealed class Row
    {
        public required string Hash { get; init; }

        public required byte[] Sealed { get; init; }

        public required string Device { get; init; }

        public required string PopSignature { get; init; }

        public string? Operator { get; init; }

        public string? Label { get; init; }

        public string? Scope { get; init; }

        public long OpenUntil { get; init; }

        public long? MintedAt { get; init; }

        public long? DeclinedAt { get; init; }

        public string? SessionId { get; init; }

        public long? SessionUntil { get; init; }

        public long IsConfirmed { get; init; }

        /// <summary>Null where it was sealed under another ledger key: the device pairs anew.</summary>
        public Pairing? ToPairing(PairingSeal seal) =>
            seal.Open(Sealed, Hash) is { } requestId ? ToPairing(requestId) : null;

        private Pairing ToPairing(string requestId) => new(
            requestId, new DeviceKey(EthereumAddress.Parse(Device)), PopSignature,
            ActorOmni.TryParse(Operator, out var master) ? new AgentPlace(master, Label!, Scope!) : null)
        {
            IsConfirmed = IsConfirmed != 0,
            Until = DateTimeOffset.FromUnixTimeSeconds(OpenUntil),
            MintedAt = MintedAt is { } minted ? DateTimeOffset.FromUnixTimeSeconds(minted) : null,
            DeclinedAt = DeclinedAt is { } declined ? DateTimeOffset.FromUnixTimeSeconds(declined) : null,
            Session = SessionId is null ? null : (SessionId, DateTimeOffset.FromUnixTimeSeconds(SessionUntil ?? 0)),
        };
    }
}
