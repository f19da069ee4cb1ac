using System.Security.Cryptography;
using System.Text.Json;
using Broker.Cryptography;
using Broker.Modules;
using Broker.Tests.Hosting;
using Microsoft.Data.Sqlite;

namespace Broker.Tests.Boot;

/// <summary>A broker that cannot sign must not start, and says which file is wrong and how to mend it.</summary>
public sealed class KeyFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_issuer_is_judged_before_the_keys_and_the_keys_in_their_order()
    {
        (await StartAsync(("BROKER_OIDC_ISSUER", "no-scheme"))).ShouldStartWith("BOOT_FAIL: BROKER_OIDC_ISSUER=");
        (await StartAsync()).ShouldStartWith("BOOT_FAIL: BROKER_OIDC_KEYPAIR_PATH=");
        Write("oidc-keypair.json", "oidc");
        (await StartAsync()).ShouldStartWith("BOOT_FAIL: BROKER_SESSION_KEYPAIR_PATH=");
        Write("session-keypair.json", "session");
        (await StartAsync()).ShouldStartWith("BOOT_FAIL: BROKER_LEDGER_KEY_PATH=");
        WriteLedgerKey();
        File.WriteAllText(_folder.File("audit.sqlite"), "this is not a database, and long enough to be taken for one");
        (await StartAsync()).ShouldStartWith("BOOT_FAIL: BROKER_AUDIT_DB_PATH=");
        File.Delete(_folder.File("audit.sqlite"));

        // The start before has made it, and its pool lives as long as this process.
        SqliteConnection.ClearAllPools();
        foreach (var file in Directory.GetFiles(_folder.Path, "broker.sqlite*")) File.Delete(file);
        File.WriteAllText(_folder.File("broker.sqlite"), "this is not a database, and long enough to be taken for one");
        (await StartAsync()).ShouldStartWith("BOOT_FAIL: BROKER_STATE_DB_PATH=");
    }

    [Fact]
    public async Task A_missing_file_is_not_made_in_silence_and_the_line_says_how_to_make_it()
    {
        (await StartAsync())
            .ShouldContain(
                "no such key file; make one: dotnet Broker.dll keygen --purpose oidc "
                + $"--out {_folder.File("oidc-keypair.json")}");

        Directory.GetFiles(_folder.Path).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_file_that_others_may_read_is_refused_with_the_command_that_mends_it()
    {
        var path = Write("oidc-keypair.json", "oidc");
        File.SetUnixFileMode(
            path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);

        (await StartAsync()).ShouldContain($"may be read or written by others; run: chmod 600 {path}");
    }

    [Fact]
    public async Task A_file_for_another_purpose_is_refused()
    {
        Write("oidc-keypair.json", "session");

        (await StartAsync()).ShouldContain("is a key file for session, not for oidc");
    }

    [Fact]
    public async Task A_file_that_names_its_purpose_twice_is_refused()
    {
        var path = Write("oidc-keypair.json", "oidc");
        WriteText("oidc-keypair.json", File.ReadAllText(path).Insert(1, "\"purpose\":\"session\","));

        (await StartAsync()).ShouldContain("is not a key file");
    }

    [Fact]
    public async Task A_session_key_file_must_say_that_it_is_one()
    {
        Write("oidc-keypair.json", "oidc");
        Write("session-keypair.json", null);

        (await StartAsync()).ShouldContain("is a key file for an unnamed purpose, not for session");
    }

    [Fact]
    public async Task One_file_for_both_is_refused() =>
        (await StartAsync(("BROKER_SESSION_KEYPAIR_PATH", _folder.File("oidc-keypair.json"))))
            .ShouldBe(
                $"BOOT_FAIL: BROKER_SESSION_KEYPAIR_PATH=\"{_folder.File("oidc-keypair.json")}\": "
                + "must not be the file of BROKER_OIDC_KEYPAIR_PATH; see README#session-keypair");

    [Fact]
    public async Task The_same_key_in_two_files_is_refused()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Write("oidc-keypair.json", "oidc", key);
        Write("session-keypair.json", "session", key);
        WriteLedgerKey();

        (await StartAsync()).ShouldContain("holds the same key as an OIDC key file");
    }

    [Fact]
    public async Task A_key_on_another_curve_is_refused()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        Write("oidc-keypair.json", "oidc", key);

        (await StartAsync()).ShouldContain("holds a key that is not P-256, which ES256 needs");
    }

    [Theory]
    [InlineData("")]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"kid":"k","kid":"k","private_key_pem":"x","purpose":"oidc"}""")]
    [InlineData("""{"kid":"k","private_key_pem":null,"purpose":"oidc"}""")]
    [InlineData("""{"kid":null,"private_key_pem":"x","purpose":"oidc"}""")]
    [InlineData("""{"kid":"k","private_key_pem":"x","purpose":"oidc"}""")]
    [InlineData("""{"kid":"","private_key_pem":"x","purpose":"oidc"}""")]
    [InlineData(
        """{"kid":"k","private_key_pem":"-----BEGIN PRIVATE KEY-----\nAAAA\n"""
        + """-----END PRIVATE KEY-----","purpose":"oidc"}""")]
    [InlineData(
        """{"kid":"k","private_key_pem":"-----BEGIN PUBLIC KEY-----\nAAAA\n"""
        + """-----END PUBLIC KEY-----","purpose":"oidc"}""")]
    public async Task A_garbage_file_is_refused(string content)
    {
        WriteText("oidc-keypair.json", content);

        (await StartAsync()).Split('\n')[0].ShouldMatch(
            "^BOOT_FAIL: BROKER_OIDC_KEYPAIR_PATH=\".*\": .+; see README#oidc-keypair$");
    }

    [Fact]
    public async Task A_public_key_alone_cannot_sign_and_is_refused_at_the_start()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        WriteText(
            "oidc-keypair.json",
            JsonSerializer.Serialize(
                new { kid = "k", private_key_pem = key.ExportSubjectPublicKeyInfoPem(), purpose = "oidc" }));

        (await StartAsync()).ShouldContain("holds no PKCS#8 P-256 private key");
    }

    [Fact]
    public async Task Two_published_keys_with_one_kid_are_refused()
    {
        WriteAll();
        var twin = Write("twin.json", "oidc", kid: "oidc-kid");

        (await StartAsync(("BROKER_OIDC_PUBLISHED_KEYPAIR_PATHS", twin)))
            .ShouldContain("names two keys with the same kid");
    }

    [Fact]
    public async Task The_certificate_of_another_key_is_refused()
    {
        WriteAll();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new System.Security.Cryptography.X509Certificates.CertificateRequest(
            "CN=other", key, HashAlgorithmName.SHA256);
        using var other = request.CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(_folder.File("oidc-keypair.json.crt"), other.ExportCertificatePem());

        (await StartAsync()).ShouldContain("is the certificate of another key; delete it and it is made again");
    }

    [Fact]
    public async Task A_ledger_that_another_key_signed_is_not_taken_over()
    {
        await using (var broker = await BrokerApp.StartAsync(("BROKER_DATA_DIR", _folder.Path)))
        {
            using var wallet = new Wallet();
            await broker.SignInAsync(wallet);
        }

        File.Delete(_folder.File("ledger-key.json"));
        WriteLedgerKey();

        (await StartAsync()).ShouldContain("is not signed by");
    }

    private Task<string> StartAsync(params (string Name, string Value)[] more) => BootFailure.OfStartAsync(
        new StartupChoices(),
        [.. new[]
            {
                ("BROKER_PORT", "0"), ("BROKER_OIDC_ISSUER", BrokerApp.Issuer),
                ("BROKER_DATA_ROLE_ARN", BrokerApp.DataRole), ("BROKER_DATA_DIR", _folder.Path),
            }.Where(one => more.All(other => other.Name != one.Item1)), .. more]);

    private void WriteAll()
    {
        Write("oidc-keypair.json", "oidc", kid: "oidc-kid");
        Write("session-keypair.json", "session");
        WriteLedgerKey();
    }

    /// <summary>The ledger names a key by its kid; one that it cannot hold must not show at the first mint.</summary>
    [Theory]
    [InlineData("my key")]
    [InlineData("clé")]
    [InlineData("")]
    public async Task A_kid_that_the_ledger_cannot_hold_stops_the_start(string kid)
    {
        Write("oidc-keypair.json", "oidc", kid: kid);

        (await StartAsync()).ShouldContain("printable ASCII characters without spaces");
    }

    private string Write(string name, string? purpose, ECDsa? key = null, string kid = "v1-1777000000")
    {
        using var fresh = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return WriteText(
            name,
            JsonSerializer.Serialize(
                new { kid, private_key_pem = (key ?? fresh).ExportPkcs8PrivateKeyPem(), purpose }));
    }

    private void WriteLedgerKey()
    {
        using var key = Ed25519SigningKey.Generate();
        WriteText(
            "ledger-key.json",
            JsonSerializer.Serialize(
                new { kid = "ledger-1", private_key_pem = key.ExportPkcs8PrivateKeyPem(), purpose = "ledger" }));
    }

    private string WriteText(string name, string text)
    {
        var path = _folder.File(name);
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }
}
