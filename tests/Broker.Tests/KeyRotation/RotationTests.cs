using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Broker.KeyRotation;
using Broker.Ledger.Notes;
using Broker.SigningKeys;
using Broker.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Broker.Tests.KeyRotation;

/// <summary>Keys follow one another: announced, signing, retired; by the operator, by the clock, in an emergency.</summary>
public sealed class RotationTests : IDisposable
{
    private static readonly TimeSpan Announced = TimeSpan.FromHours(24);

    private readonly TemporaryFolder _folder = new();
    private readonly Wallet _wallet = new();
    private readonly string _token = RandomNumberGenerator.GetHexString(64, lowercase: true);

    private string TokenFile => _folder.File("operator-token");

    public RotationTests()
    {
        File.WriteAllText(TokenFile, _token);
        File.SetUnixFileMode(TokenFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    public void Dispose()
    {
        _wallet.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task An_oidc_key_is_published_for_a_day_signs_and_stays_for_its_last_token()
    {
        await using var broker = await StartAsync();
        var session = await broker.SignInAsync(_wallet);
        var first = (await KeyIdsAsync(broker)).Single();

        var announced = (await ChangeAsync(broker, "oidc/rotate")).ShouldBeOk();

        announced["state"].ShouldBe("announced");
        announced["version"].ShouldBe("2");
        var second = announced["key_id"]!;
        (await KeyIdsAsync(broker)).ShouldBe([first, second]);
        var signsAt = long.Parse(announced["signs_at"]!, CultureInfo.InvariantCulture);
        signsAt.ShouldBeGreaterThanOrEqualTo((broker.Clock.Now + Announced).ToUnixTimeSeconds());

        // A day later less a moment, and after a restart: still the first.
        Move(broker, Announced);
        await broker.RestartAsync();
        session = await broker.SignInAsync(_wallet);
        var before = await MintAsync(broker, session);
        before.Header.GetProperty("kid").GetString().ShouldBe(first);

        Move(broker, TimeSpan.FromMinutes(2));
        var after = await MintAsync(broker, session);
        after.Header.GetProperty("kid").GetString().ShouldBe(second);
        var keys = (await broker.GetAsync("/.well-known/jwks.json")).ShouldBeOk().Json;
        keys.GetProperty("keys")[0].GetProperty("kid").GetString().ShouldBe(second);
        before.VerifiesWith(keys).ShouldBeTrue();
        after.VerifiesWith(keys).ShouldBeTrue();

        // The last token of the first has expired.
        Move(broker, TimeSpan.FromMinutes(66));
        (await KeyIdsAsync(broker)).ShouldBe([second]);
        await broker.RestartAsync();
        (await KeyIdsAsync(broker)).ShouldBe([second]);
        var row = broker.MintLog().Single(one => one.Kind == "key_announcement");
        row.Subject.ShouldBe(second);
        row.StsSessionName.ShouldBe("oidc-v2");
    }

    [Fact]
    public async Task Sessions_of_before_live_out_their_time()
    {
        await using var broker = await StartAsync(("BROKER_SESSION_JWT_TTL_SECONDS", "86400"));
        (await ChangeAsync(broker, "session/rotate")).ShouldBeOk();
        Move(broker, Announced);
        var old = await broker.SignInAsync(_wallet);

        Move(broker, TimeSpan.FromMinutes(2));
        var young = await broker.SignInAsync(_wallet);

        Kid(young).ShouldNotBe(Kid(old));
        (await broker.PostAsync("/v1/mint-oidc-jwt", bearer: old)).ShouldBeOk();
        (await broker.PostAsync("/v1/mint-oidc-jwt", bearer: young)).ShouldBeOk();
        await broker.RestartAsync();
        Move(broker, TimeSpan.FromHours(23));
        (await broker.PostAsync("/v1/mint-oidc-jwt", bearer: old)).ShouldBeOk();
        Move(broker, TimeSpan.FromHours(2));
        (await broker.PostAsync("/v1/mint-oidc-jwt", bearer: old)).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await ListAsync(broker)).GetProperty("session_keys_pem").GetString()!
            .Split("-----BEGIN PUBLIC KEY-----").Length.ShouldBe(2);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task In_an_emergency_the_present_key_is_gone_at_once(bool isAnnounced)
    {
        await using var broker = await StartAsync();
        var session = await broker.SignInAsync(_wallet);
        var first = (await KeyIdsAsync(broker)).Single();
        await MintAsync(broker, session);
        var waiting = isAnnounced ? (await ChangeAsync(broker, "oidc/rotate")).ShouldBeOk()["key_id"] : null;

        var second = (await ChangeAsync(broker, "oidc/emergency-rotate")).ShouldBeOk();

        second["state"].ShouldBe("signing");
        (await KeyIdsAsync(broker)).ShouldBe([second["key_id"]!]);
        if (isAnnounced) second["key_id"].ShouldBe(waiting);
        (await MintAsync(broker, session)).Header.GetProperty("kid").GetString().ShouldBe(second["key_id"]);
        broker.MintLog().Single(one => one.Kind == "key_emergency").OutcomeDetail.ShouldBe("a test");
        await broker.RestartAsync();
        (await KeyIdsAsync(broker)).ShouldBe([second["key_id"]!]);
        first.ShouldNotBe(second["key_id"]);
    }

    [Fact]
    public async Task In_an_emergency_sessions_of_the_key_are_refused_at_once()
    {
        await using var broker = await StartAsync();
        var old = await broker.SignInAsync(_wallet);
        (await broker.PostAsync("/v1/mint-oidc-jwt", bearer: old)).ShouldBeOk();

        (await ChangeAsync(broker, "session/emergency-rotate")).ShouldBeOk();

        (await broker.PostAsync("/v1/mint-oidc-jwt", bearer: old)).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await broker.PostAsync("/v1/mint-oidc-jwt", bearer: await broker.SignInAsync(_wallet))).ShouldBeOk();
    }

    [Fact]
    public async Task The_ledgers_key_vouches_for_the_next_and_proofs_go_on_verifying()
    {
        await using var broker = await StartAsync();
        var session = await broker.SignInAsync(_wallet);
        var oldKey = await VerifierKeyAsync(broker);
        var early = await EntryAsync(broker, session);

        (await ChangeAsync(broker, "ledger/rotate")).ShouldBeOk();
        var both = await EntryAsync(broker, session);
        Move(broker, Announced + TimeSpan.FromMinutes(2));
        session = await broker.SignInAsync(_wallet);
        var newKey = await VerifierKeyAsync(broker);
        newKey.ToString().ShouldNotBe(oldKey.ToString());
        await broker.RestartAsync();
        var overlapping = await EntryAsync(broker, session);
        Move(broker, TimeSpan.FromHours(25));
        session = await broker.SignInAsync(_wallet);
        var late = await EntryAsync(broker, session);
        await broker.RestartAsync();

        // Both sign from the announcement until the old one retires.
        early.FaultUnder(oldKey).ShouldBeNull();
        both.FaultUnder(oldKey).ShouldBeNull();
        both.FaultUnder(newKey).ShouldBeNull();
        overlapping.FaultUnder(oldKey).ShouldBeNull();
        overlapping.FaultUnder(newKey).ShouldBeNull();
        late.FaultUnder(oldKey).ShouldNotBeNull();
        late.FaultUnder(newKey).ShouldBeNull();

        // An entry of before, proven under the newest checkpoint, by whoever trusts only the old key.
        var successions = (await broker.GetAsync("/ledger/successions")).ShouldBeOk().Json;
        successions.GetProperty("vkey").GetString().ShouldBe(newKey.ToString());
        var note = successions.GetProperty("successions").EnumerateArray().Single().GetString()!;
        KeySuccession.TryParse(note, out var succession).ShouldBeTrue();
        var trusted = KeySuccession.Trusted([oldKey], [succession!]);
        trusted.Select(key => key.ToString()).ShouldBe([oldKey.ToString(), newKey.ToString()], ignoreOrder: true);
        broker.MintLog().Single(one => one.Kind == "key_announcement").StsSessionName.ShouldBe("ledger-v2");
    }

    [Fact]
    public async Task What_cannot_be_done_is_refused_with_the_reason()
    {
        await using var broker = await StartAsync();
        var session = await broker.SignInAsync(_wallet);

        (await broker.PostAsync("/v1/keys/oidc/rotate", new { reason = "a test" })).ShouldRefuse(
            401, "unauthorized", "missing_bearer");
        (await broker.PostAsync("/v1/keys/oidc/rotate", new { reason = "a test" }, session)).ShouldRefuse(
            401, "unauthorized", "operator_only");
        (await broker.GetAsync("/v1/keys", ("Authorization", $"Bearer {session}"))).ShouldRefuse(
            401, "unauthorized", "operator_only");
        (await ChangeAsync(broker, "moon/rotate")).ShouldRefuse(404, "not_found", "unknown_key");
        (await ChangeAsync(broker, "oidc-rs256/rotate")).ShouldRefuse(404, "not_found", "unknown_key");
        (await ChangeAsync(broker, "oidc/1/retire")).ShouldRefuse(409, "conflict", "key_signs");
        (await ChangeAsync(broker, "oidc/2/retire")).ShouldRefuse(404, "not_found", "unknown_key");
        (await broker.PostAsync("/v1/keys/oidc/rotate", new { reason = "" }, _token)).ShouldRefuse(
            400, "bad_request", "invalid_field");
        (await ChangeAsync(broker, "oidc/rotate")).ShouldBeOk();
        (await ChangeAsync(broker, "oidc/rotate")).ShouldRefuse(409, "conflict", "key_already_announced");
        (await KeyIdsAsync(broker)).Count.ShouldBe(2);
        broker.MintLog().Count(one => one.Kind == "key_announcement" && one.Outcome == "ok").ShouldBe(1);
    }

    [Fact]
    public async Task An_announced_key_can_be_withdrawn_and_the_next_one_is_another()
    {
        await using var broker = await StartAsync();
        var second = (await ChangeAsync(broker, "oidc/rotate")).ShouldBeOk()["key_id"]!;

        (await ChangeAsync(broker, "oidc/2/retire")).ShouldBeOk()["state"].ShouldBe("withdrawn");

        (await KeyIdsAsync(broker)).ShouldNotContain(second);
        (await ChangeAsync(broker, "oidc/2/retire")).ShouldRefuse(409, "conflict", "key_already_retired");
        var third = (await ChangeAsync(broker, "oidc/rotate")).ShouldBeOk();
        third["version"].ShouldBe("3");
        third["key_id"].ShouldNotBe(second);
        (await ListAsync(broker)).GetProperty("keys").EnumerateArray()
            .Where(key => key.GetProperty("purpose").GetString() == "oidc")
            .Select(key => key.GetProperty("state").GetString()).ShouldBe(["signing", "withdrawn", "announced"]);
    }

    [Fact]
    public async Task A_schedule_announces_a_day_before_the_period_ends()
    {
        await using var broker = await StartAsync(("BROKER_KEY_ROTATION", "oidc=5d"));
        await LookAsync(broker);
        Move(broker, TimeSpan.FromDays(4) - TimeSpan.FromMinutes(1));
        await LookAsync(broker);
        (await KeyIdsAsync(broker)).Count.ShouldBe(1);

        Move(broker, TimeSpan.FromMinutes(2));
        await LookAsync(broker);
        await LookAsync(broker);

        (await KeyIdsAsync(broker)).Count.ShouldBe(2);
        broker.MintLog().Single(one => one.Kind == "key_announcement").OutcomeDetail.ShouldNotBeNull().ShouldStartWith("by schedule");
    }

    [Fact]
    public async Task A_key_file_that_is_not_the_one_of_its_version_stops_the_start()
    {
        await using var broker = await StartAsync();
        (await ChangeAsync(broker, "oidc/rotate")).ShouldBeOk();
        var file = Path.Combine(broker.DataFolder, "oidc-keypair.v2.json");
        File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await broker.StopAsync();
        File.Delete(file);
        File.Delete(file + ".crt");
        KeyGeneration.Create(KeyPurpose.Oidc, TimeProvider.System).Write(file);

        var stopped = await Should.ThrowAsync<Foundation.Settings.BootFailException>(broker.StartAgainAsync());

        stopped.Message.ShouldContain("knows");
        stopped.Message.ShouldContain("as this version");
    }

    private Task<BrokerApp> StartAsync(params (string Name, string Value)[] settings) =>
        BrokerApp.StartAsync([("BROKER_OPERATOR_TOKEN_FILE", TokenFile), .. settings]);

    private Task<Answer> ChangeAsync(RunningBroker broker, string what) =>
        broker.PostAsync($"/v1/keys/{what}", new { reason = "a test" }, _token);

    private async Task<JsonElement> ListAsync(RunningBroker broker) =>
        (await broker.GetAsync("/v1/keys", ("Authorization", $"Bearer {_token}"))).ShouldBeOk().Json;

    /// <summary>Moves the calendar; what looks at it every few seconds does so now.</summary>
    private static void Move(BrokerApp broker, TimeSpan by)
    {
        broker.Clock.Advance(by);
        broker.Services.GetRequiredService<KeyReload>().Reload();
    }

    private static Task LookAsync(BrokerApp broker) => broker.Services.GetServices<IHostedService>()
        .OfType<ScheduledRotation>().Single().LookAsync();

    private static async Task<List<string>> KeyIdsAsync(RunningBroker broker) =>
    [
        .. (await broker.GetAsync("/.well-known/jwks.json")).ShouldBeOk().Json.GetProperty("keys").EnumerateArray()
            .Select(key => key.GetProperty("kid").GetString()!),
    ];

    private static async Task<Jws> MintAsync(RunningBroker broker, string session) =>
        Jws.Read(await broker.PostAsync("/v1/mint-oidc-jwt", new { }, session), "jwt");

    private static string? Kid(string token) => Jws.Parse(token).Header.GetProperty("kid").GetString();

    private static async Task<NoteKey> VerifierKeyAsync(RunningBroker broker)
    {
        var text = (await broker.GetAsync("/ledger/vkey")).ShouldBeOk().Text.Trim();
        NoteKey.TryParse(text, out var key).ShouldBeTrue();
        return key!;
    }

    private static async Task<Proven> EntryAsync(RunningBroker broker, string session)
    {
        var id = (await broker.PostAsync("/v1/mint-oidc-jwt", new { }, session)).ShouldBeOk()["audit_record_id"]!;
        var bearer = ("Authorization", $"Bearer {session}");
        var entry = (await broker.GetAsync($"/v1/ledger/entries/{id}", bearer)).ShouldBeOk()["canonical"]!;
        var receipt = (await broker.GetAsync($"/v1/ledger/entries/{id}/receipt", bearer)).ShouldBeOk().Text;
        InclusionReceipt.TryParse(receipt, out var proof).ShouldBeTrue();
        return new Proven(Convert.FromBase64String(entry), proof!);
    }

    private sealed record Proven(byte[] Entry, InclusionReceipt Proof)
    {
        public string? FaultUnder(NoteKey key) => Proof.FindFault(Entry, key);
    }
}
