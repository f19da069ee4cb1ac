using System.Runtime.CompilerServices;
using System.Text.Json;
using Broker.SigningKeys;
using Broker.Tests.Hosting;

namespace Broker.Tests.Tokens;

/// <summary>
/// The OIDC key changes while the process runs: announced, signing, retired. Files are moved as an operator would, and
/// SIGHUP says so.
/// </summary>
public sealed class KeyRotationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public KeyRotationTests() => Directory.CreateDirectory(Published);

    private string Signing => _folder.File("oidc-keypair.json");

    private string Published => _folder.File("published");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_rotation_under_load_fails_no_request_and_every_token_verifies()
    {
        await using var broker = await StartAsync();
        var first = SigningKeyOf(await KeySetAsync(broker));
        using var wallet = new Wallet();
        var session = await broker.SignInAsync(wallet);
        var stop = new StrongBox<bool>();
        var load = Enumerable.Range(0, 4).Select(_ => Task.Run(() => MintUntilAsync(broker, session, stop))).ToArray();
        var before = (await broker.PostAsync("/v1/mint-oidc-jwt", new { }, session)).ShouldBeOk();

        // Announced: published, and not signing.
        var second = Write(Path.Combine(Published, "next.json"));
        await ReloadAsync(broker, second);
        SigningKeyOf(await KeySetAsync(broker)).ShouldBe(first);

        // Signing; its predecessor's file is gone altogether.
        File.Move(Path.Combine(Published, "next.json"), Signing, overwrite: true);
        File.Move(Path.Combine(Published, "next.json.crt"), Signing + ".crt", overwrite: true);
        await ReloadAsync(broker, $"{second} signs");
        await MintedByAsync(broker, session, second);
        Volatile.Write(ref stop.Value, true);
        var minted = (await Task.WhenAll(load)).SelectMany(one => one).ToList();

        // Retired: what was signed before still verifies.
        var keys = await KeySetAsync(broker);
        SigningKeyOf(keys).ShouldBe(second);
        minted.Select(token => token.Header.GetProperty("kid").GetString()).Distinct().Order()
            .ShouldBe(new[] { first, second }.Order());
        minted.ShouldAllBe(token => token.VerifiesWith(keys));
        Jws.Parse(before["jwt"]!).VerifiesWith(keys).ShouldBeTrue();
        broker.MintLog().Where(row => row.Outcome == "ok" && row.RequestedRole == "oidc_jwt")
            .Select(row => row.StsSessionName).Distinct().Order().ShouldBe(new[] { first, second }.Order());
        broker.Errors.ShouldNotContain("signs without having been published");
    }

    [Fact]
    public async Task Changed_files_are_taken_without_a_signal()
    {
        await using var broker = await StartAsync();

        var second = Write(Path.Combine(Published, "next.json"));

        await Eventually.HoldsAsync(() => broker.Errors.Contains(second, StringComparison.Ordinal));
        (await KeySetAsync(broker)).GetProperty("keys").GetArrayLength().ShouldBe(2);
    }

    [Fact]
    public async Task Key_files_that_cannot_be_used_change_nothing_and_the_log_says_why()
    {
        await using var broker = await StartAsync();
        var first = SigningKeyOf(await KeySetAsync(broker));
        File.WriteAllText(Path.Combine(Published, "next.json"), "{}");

        await ReloadAsync(broker, "the present keys stay");

        SigningKeyOf(await KeySetAsync(broker)).ShouldBe(first);
        broker.Errors.ShouldContain("BOOT_FAIL: BROKER_OIDC_PUBLISHED_KEYPAIR_PATHS");
    }

    [Fact]
    public async Task A_session_key_that_comes_as_an_OIDC_key_is_not_taken()
    {
        await using var broker = await StartAsync();
        var session = File.ReadAllText(_folder.File("session-keypair.json"));
        var copy = Path.Combine(Published, "next.json");
        File.WriteAllText(copy, session.Replace("\"session\"", "\"oidc\"", StringComparison.Ordinal));
        File.SetUnixFileMode(copy, UnixFileMode.UserRead | UnixFileMode.UserWrite);

        await ReloadAsync(broker, "the present keys stay");

        broker.Errors.ShouldContain("the session key must be its own");
    }

    [Fact]
    public async Task A_key_that_signs_without_having_been_announced_is_warned_of()
    {
        await using var broker = await StartAsync();
        var first = SigningKeyOf(await KeySetAsync(broker));
        File.Delete(Signing);
        File.Delete(Signing + ".crt");
        var second = Write(Signing);

        await ReloadAsync(broker, "signs without having been published");

        var keys = await KeySetAsync(broker);
        keys.GetProperty("keys").EnumerateArray().Select(key => key.GetProperty("kid").GetString())
            .ShouldBe([second, first]);
    }

    private Task<BrokerProcess> StartAsync() => BrokerProcess.StartAsync(
        BrokerProcess.Settings(
            ("BROKER_DATA_DIR", _folder.Path), ("BROKER_OIDC_PUBLISHED_KEYPAIR_PATHS", Published),
            ("BROKER_RATE_LIMIT_MINTS_PER_HOUR_PER_OMNI", "0")),
        "--init");

    private static string Write(string path)
    {
        var key = KeyGeneration.Create(KeyPurpose.Oidc, TimeProvider.System);
        key.Write(path);
        return key.KeyId;
    }

    private static async Task ReloadAsync(BrokerProcess broker, string line)
    {
        broker.HangUp();
        await Eventually.HoldsAsync(() => broker.Errors.Contains(line, StringComparison.Ordinal));
    }

    private static async Task<JsonElement> KeySetAsync(BrokerProcess broker) =>
        (await broker.GetAsync("/.well-known/jwks.json")).ShouldBeOk().Json;

    /// <summary>The first of the set.</summary>
    private static string SigningKeyOf(JsonElement keys) =>
        keys.GetProperty("keys")[0].GetProperty("kid").GetString()!;

    private static async Task MintedByAsync(BrokerProcess broker, string session, string keyId)
    {
        var answer = await broker.PostAsync("/v1/mint-oidc-jwt", new { }, session);
        Jws.Read(answer, "jwt").Header.GetProperty("kid").GetString().ShouldBe(keyId);
    }

    private static async Task<List<Jws>> MintUntilAsync(
        BrokerProcess broker, string session, StrongBox<bool> stop)
    {
        var minted = new List<Jws>();
        while (!Volatile.Read(ref stop.Value))
        {
            var answer = await broker.PostAsync("/v1/mint-oidc-jwt", new { }, session);
            minted.Add(Jws.Read(answer, "jwt"));
        }

        return minted;
    }
}
