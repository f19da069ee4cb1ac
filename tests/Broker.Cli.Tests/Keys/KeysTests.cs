using System.Text.Json;
using Broker.Cli.Terminal;
using Broker.Cli.Tests.Support;
using Broker.Ledger.Sqlite.Connections;

namespace Broker.Cli.Tests.Keys;

/// <summary><c>keys</c> against a real broker, whose tokens the local cloud's STS takes throughout.</summary>
public sealed class KeysTests(BrokerSite site) : IClassFixture<BrokerSite>
{
    [Fact]
    public async Task An_operator_rotates_and_the_cloud_takes_every_token()
    {
        using var user = await site.SignedInAsync();
        await TakesAsync(user);
        Rows(await KeysAsync(user, "list")).ShouldBe(
            ["oidc v1 signing", "session v1 signing", "ledger v1 signing"], ignoreOrder: true);

        Rows(await KeysAsync(user, "rotate", "oidc", "--reason", "once a year")).ShouldBe(["oidc v2 announced"]);
        await TakesAsync(user);
        PassADay();
        await Eventually.AsksAsync(
            async () => Rows(await KeysAsync(user, "list")), rows => rows.Contains("oidc v2 signing"));
        await Task.Delay(TimeSpan.FromSeconds(5)); // the broker looks every two seconds, and twice
        await TakesAsync(user);

        Rows(await KeysAsync(user, "list")).ShouldContain("oidc v1 retiring");
        Rows(await KeysAsync(user, "retire", "oidc", "1")).ShouldBe(["oidc v1 withdrawn"]);
        Rows(await KeysAsync(user, "emergency-rotate", "oidc")).ShouldBe(["oidc v3 signing"]);
        await TakesAsync(user);
        var table = (await user.RunAsync("keys", "list", "--operator-token-file", site.OperatorTokenFile))
            .ShouldSucceed().Output;
        table.ShouldStartWith("PURPOSE  VERSION  STATE");
        table.ShouldContain("oidc     v3       signing");
    }

    [Fact]
    public async Task Refusals_say_what_to_do()
    {
        using var user = await site.UserAsync();

        var signs = await user.RunAsync("keys", "retire", "ledger", "1", "--operator-token-file", site.OperatorTokenFile);
        signs.Code.ShouldBe(ExitCode.Failed);
        signs.Error.ShouldContain("conflict: version 1 signs");
        signs.Error.ShouldContain("next: Let another one sign first");
        (await user.RunAsync("keys", "rotate", "moon", "--operator-token-file", site.OperatorTokenFile)).Code
            .ShouldBe(ExitCode.Misuse);
        var wrong = user.File("wrong-token");
        await File.WriteAllTextAsync(wrong, new string('a', 64));
        (await user.RunAsync("keys", "list", "--operator-token-file", wrong)).Error
            .ShouldContain("may be read or written by others");
        File.SetUnixFileMode(wrong, UnixFileMode.UserRead);
        (await user.RunAsync("keys", "list", "--operator-token-file", wrong)).Error
            .ShouldContain("the bearer is not the operator's");
    }

    private async Task<JsonElement> KeysAsync(CommandLineUser user, params string[] words) =>
        (await user.RunAsync(["keys", .. words, "--operator-token-file", site.OperatorTokenFile, "--json"]))
        .ShouldSucceed().Json;

    private static List<string> Rows(JsonElement answer) =>
    [
        .. (answer.TryGetProperty("keys", out var keys) ? keys.EnumerateArray() : new[] { answer }.AsEnumerable())
            .Select(key => $"{key.GetProperty("purpose")} v{key.GetProperty("version")} {key.GetProperty("state")}"),
    ];

    /// <summary>The broker's own token, by STS and by S3.</summary>
    private static async Task TakesAsync(CommandLineUser user) =>
        (await user.RunAsync("creds", "--role", "vault", "--region", "us-east-1", "--no-cache")).ShouldSucceed();

    /// <summary>The announced key's times are moved back; the broker looks at them every two seconds.</summary>
    private void PassADay()
    {
        using var state = SqliteDatabase.OpenForWriting(
            Path.Combine(site.DataFolder, "broker.sqlite"), TimeSpan.FromSeconds(5));
        state.Execute(
            "UPDATE key_versions SET announced_at = announced_at - 86460, signs_at = signs_at - 86460 WHERE version = 2");
    }
}
