using Broker.Tests.Hosting;
using Microsoft.Data.Sqlite;

namespace Broker.Tests.Operations;

/// <summary>A start with other settings than the last one's is an entry; what they hold is not in it.</summary>
public sealed class StartRecordTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_first_start_and_one_with_the_same_settings_are_no_entry()
    {
        await using (var first = await StartAsync()) first.MintLog().ShouldBeEmpty();
        await using var second = await StartAsync();

        second.MintLog().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_start_with_changed_settings_names_them_and_has_a_hash_of_all()
    {
        await using (await StartAsync(("BROKER_OIDC_JWT_TTL_SECONDS", "600"), ("BROKER_LEDGER_TIMEOUT_SECONDS", "9")))
        {
        }

        await using var second = await StartAsync(
            ("BROKER_OIDC_JWT_TTL_SECONDS", "601"), ("BROKER_REQUIRE_EXPLICIT_GRANT", "true"));

        var row = second.MintLog().ShouldHaveSingleItem();
        row.Kind.ShouldBe("start");
        row.Outcome.ShouldBe("ok");
        row.Evidence.ShouldMatch(
            "^{\"changed\":\\[\"BROKER_LEDGER_TIMEOUT_SECONDS\",\"BROKER_OIDC_JWT_TTL_SECONDS\","
            + "\"BROKER_REQUIRE_EXPLICIT_GRANT\"\\],\"settings_hash\":\"[0-9a-f]{64}\"}$");
    }

    [Fact]
    public async Task The_value_that_a_default_has_is_no_change()
    {
        await using (await StartAsync())
        {
        }

        await using var second = await StartAsync(("BROKER_OIDC_JWT_TTL_SECONDS", "300"));

        second.MintLog().ShouldBeEmpty();
    }

    /// <summary>A guess at a secret cannot be compared with what is kept: it is hashed under a key.</summary>
    [Fact]
    public async Task A_changed_secret_is_named_and_neither_told_nor_kept_as_a_plain_hash()
    {
        const string name = "AGENTKEYS_CHAIN_RPC_HTTP", secret = "https://node.example.test/key-one";
        await using (var first = await StartAsync((name, secret)))
        {
            var plain = Convert.ToHexStringLower(
                System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes($"{name}={secret}")));
            Digest(first, name).Length.ShouldBe(64);
            Digest(first, name).ShouldNotBe(plain);
        }

        await using var second = await StartAsync((name, "https://node.example.test/key-two"));

        var row = second.MintLog().ShouldHaveSingleItem();
        row.Evidence.ShouldContain(name);
        row.Evidence.ShouldNotContain("key-");
    }

    private static string Digest(BrokerApp broker, string name)
    {
        using var connection = new SqliteConnection($"Data Source={broker.StateFile};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT digest FROM last_start_settings WHERE name = $name";
        command.Parameters.AddWithValue("$name", name);
        return (string)command.ExecuteScalar()!;
    }

    /// <summary>Over the same files; the STS peer's address would be another each time.</summary>
    private Task<BrokerApp> StartAsync(params (string Name, string Value)[] settings) => BrokerApp.StartAsync(
        [("BROKER_DATA_DIR", _folder.Path), ("AWS_ENDPOINT_URL_STS", "https://sts.example.test"), .. settings]);
}
