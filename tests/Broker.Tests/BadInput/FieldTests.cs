using System.Text.Json;
using System.Text.Json.Nodes;
using Broker.Tests.Hosting;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Broker.Tests.BadInput;

/// <summary>
/// Every field of every route with values that it does not take: a 4xx in the one error shape, nothing written but the
/// refusal's row, and the good request still works.
/// </summary>
public sealed class FieldTests(SharedMailBroker shared) : IClassFixture<SharedMailBroker>, IDisposable
{
    /// <summary>JSON texts that stand in for a field's value; null takes the field away.</summary>
    private static readonly string?[] Values =
    [
        null, "null", "true", "0", "-1", "1.5", "1e400", "18446744073709551616", "[]", "[\"data\"]", "{}", "{\"a\":{}}",
        "\"\"", "\" \"", "\"0x\"", "\"0xzz\"", "\"data\\u0000\"", "\"\\ud800\"", "\"\\u202e\"", "\"' OR 1=1 --\"",
        "\"../../etc/passwd\"", "\"%s%n\"",
    ];

    /// <summary>What a field takes of the values above; everything else must be refused.</summary>
    private static readonly Dictionary<string, string?[]> Taken = new(StringComparer.Ordinal)
    {
        ["/v1/auth/wallet/start chain_id"] = [null],
        ["/v1/auth/email/verify request_id"] = [null, "null"],
        ["/v1/mint-oidc-jwt reason"] =
            [null, "null", "\"0x\"", "\"0xzz\"", "\"' OR 1=1 --\"", "\"../../etc/passwd\"", "\"%s%n\""],
        ["/v1/mint-oidc-jwt role"] = [null, "null"],
        ["/v1/mint-oidc-jwt ttl_seconds"] = [null, "null"],
        ["/v1/mint-aws-creds reason"] =
            [null, "null", "\"0x\"", "\"0xzz\"", "\"' OR 1=1 --\"", "\"../../etc/passwd\"", "\"%s%n\""],
        ["/v1/mint-aws-creds role"] = [null, "null"],
        ["/v1/mint-aws-creds duration_seconds"] = [null, "null"],
        ["/v1/grant/create service"] = ["\"0x\"", "\"0xzz\"", "\"../../etc/passwd\"", "\"%s%n\""],
        ["/v1/agent/create label"] = ["\"0x\"", "\"0xzz\""],
    };

    private readonly BrokerApp _broker = shared.App;
    private readonly Wallet _wallet = new();

    public static TheoryData<string, string> EveryField
    {
        get
        {
            var fields = new TheoryData<string, string>();
            foreach (var route in Route.All)
            {
                foreach (var name in route.Fields) fields.Add(route.Path, name);
            }

            return fields;
        }
    }

    public void Dispose() => _wallet.Dispose();

    [Theory]
    [MemberData(nameof(EveryField))]
    public async Task Refuses_what_a_field_does_not_take(string path, string field)
    {
        var route = Route.All.Single(one => one.Path == path);
        var session = route.NeedsSession ? await _broker.SignInAsync(_wallet) : null;
        string?[] values =
        [
            .. Values, JsonSerializer.Serialize(new string('a', 300)),
            JsonSerializer.Serialize("0x" + new string('f', 100_000)),
        ];

        foreach (var value in values.Except(Taken.GetValueOrDefault($"{path} {field}", [])))
        {
            var body = Spoil(await route.GoodBodyAsync(_broker, _wallet), field, value);
            var before = Contents();

            var answer = await _broker.PostRawAsync(path, body, session);

            var said = $"{field}={(value is { Length: > 80 } ? value[..80] : value)}: {answer}";
            ((int)answer.Status).ShouldBeInRange(400, 499, said);
            answer.ShouldHaveTheErrorShape();
            answer.ShouldHoldNoCredential(_broker.Sts);
            Contents().ShouldBe(before, said);
            _broker.RowsOf(answer)
                .ShouldAllBe(row => row.Outcome == "bad_request" || row.Outcome == "auth_failed", said);
        }

        (await _broker.PostAsync(path, await route.GoodBodyAsync(_broker, _wallet), session)).ShouldBeOk();
    }

    [Theory]
    [InlineData("/v1/mint-oidc-jwt", "ttl_seconds", 59, 60, 3600, 3601)]
    [InlineData("/v1/mint-aws-creds", "duration_seconds", 899, 900, 43_200, 43_201)]
    [InlineData("/v1/auth/wallet/start", "chain_id", 0, 1, long.MaxValue, long.MaxValue + 1UL)]
    public async Task Takes_a_number_up_to_its_bounds_and_not_beyond(
        string path, string field, long below, long low, long high, ulong above)
    {
        var session = await _broker.SignInAsync(_wallet);
        Task<Answer> Ask(Int128 value) => _broker.PostRawAsync(
            path, $$"""{"address":"{{_wallet.Address}}","{{field}}":{{value}}}""", session);

        (await Ask(low)).ShouldBeOk();
        (await Ask(high)).ShouldBeOk();
        (await Ask(below))
            .ShouldRefuse(
                400, "bad_request", path.Contains("mint", StringComparison.Ordinal) ? "lifetime_out_of_bounds"
                    : "invalid_field");
        ((int)(await Ask(above)).Status).ShouldBe(400);
    }

    [Fact]
    public async Task Names_the_field_that_is_wrong()
    {
        var answer = await _broker.PostRawAsync(
            "/v1/mint-oidc-jwt", """{"ttl_seconds":"soon"}""", await _broker.SignInAsync(_wallet));

        answer.ShouldRefuse(400, "bad_request", "invalid_field")["message"]
            .ShouldBe("bad request: ttl_seconds has the wrong type");
    }

    [Fact]
    public async Task Refuses_a_proof_that_is_neither_or_both()
    {
        var both = new JsonObject { ["request_id"] = "siwe-1", ["message"] = "m", ["signature"] = _wallet.Sign("m") };
        var neither = new JsonObject { ["signature"] = _wallet.Sign("m") };

        foreach (var body in (JsonObject[])[both, neither])
            (await _broker.PostAsync("/v1/auth/wallet/verify", body)).ShouldRefuse(400, "bad_request", "invalid_field");
    }

    /// <summary>The body with the field's value put as this text, which need not be JSON that we could build.</summary>
    private static string Spoil(JsonObject body, string field, string? value)
    {
        var path = field.Split('.');
        var parent = path.Length == 1 ? body : body[path[0]]!.AsObject();
        parent.Remove(path[^1]);
        if (value is null) return body.ToJsonString();
        parent[path[^1]] = "@";
        return body.ToJsonString().Replace("\"@\"", value, StringComparison.Ordinal);
    }

    /// <summary>
    /// Counts of all that a request could have written; challenges that were asked for on purpose are not counted as
    /// used.
    /// </summary>
    private string Contents()
    {
        using var connection = new SqliteConnection($"Data Source={_broker.StateFile};Mode=ReadOnly;Pooling=False");
        string[] tables =
        [
            "wallet_challenges", "wallets", "signed_requests", "idempotency", "revoked_sessions", "grants",
            "identity_links", "pairing_requests", "agent_link_codes", "child_path_policies",
        ];
        var counts = tables
            .Select(table => $"{table}={connection.ExecuteScalar<long>($"SELECT count(*) FROM {table}")}");
        var confirmed = connection.ExecuteScalar<long>(
            "SELECT count(*) FROM staged_sign_ins WHERE consumed_at IS NOT NULL");
        var granted = _broker.MintLog().Count(row => row.Outcome == "ok");
        return $"{string.Join(' ', counts)} confirmed={confirmed} granted={granted} sts={_broker.Sts.Calls.Count}";
    }
}
