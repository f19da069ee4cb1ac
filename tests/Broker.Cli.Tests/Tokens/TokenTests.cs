using System.Buffers.Text;
using System.Text.Json;
using Broker.Cli.Terminal;
using Broker.Cli.Tests.Support;

namespace Broker.Cli.Tests.Tokens;

/// <summary><c>brokerctl token</c> against a real broker.</summary>
public sealed class TokenTests(BrokerSite site) : IClassFixture<BrokerSite>
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [Fact]
    public async Task Prints_a_token_for_AWS()
    {
        using var user = await site.SignedInAsync();

        var printed = (await user.RunAsync("token")).ShouldSucceed().Output;

        printed.ShouldEndWith("\n");
        Claims(printed.Trim()).GetProperty("aud").GetString().ShouldBe("sts.amazonaws.com");
        var json = (await user.RunAsync("token", "--role", "vault", "--ttl", "60", "--json")).ShouldSucceed().Json;
        var claims = Claims(json.GetProperty("jwt").GetString()!);
        (claims.GetProperty("exp").GetInt64() - claims.GetProperty("iat").GetInt64()).ShouldBe(60);
        claims.GetProperty("https://aws.amazon.com/roles").GetRawText().ShouldContain("agentkeys-vault-role");
        json.GetProperty("audit_record_id").GetString()!.ShouldStartWith("aud_");
        json.TryGetProperty("file", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Writes_a_token_for_its_owner_alone_and_shows_nothing_of_it()
    {
        using var user = await site.SignedInAsync();
        await File.WriteAllTextAsync(user.File("token"), "an old one, open to all");

        var ran = (await user.RunAsync("token", "--file", "token")).ShouldSucceed();

        (ran.Output + ran.Error).ShouldBeEmpty();
        File.GetUnixFileMode(user.File("token")).ShouldBe(OwnerOnly);
        var text = await File.ReadAllTextAsync(user.File("token"));
        text.ShouldBe(text.Trim()); // SDKs send what the file holds
        Claims(text).GetProperty("sub").GetString().ShouldNotBeNullOrEmpty();
        var json = (await user.RunAsync("token", "--file", "token", "--json")).ShouldSucceed();
        json.Json.GetProperty("file").GetString().ShouldBe(user.File("token"));
        json.Output.ShouldNotContain("eyJ");
    }

    [Fact]
    public async Task Refuses_what_makes_no_sense_and_tells_the_brokers_refusals()
    {
        using var user = await site.SignedInAsync();

        (await user.RunAsync("token", "--refresh")).Code.ShouldBe(ExitCode.Misuse);
        var refused = await user.RunAsync("token", "--audience", "unknown", "--json");
        refused.Code.ShouldBe(ExitCode.Failed);
        refused.Error.ShouldContain("\"code\":\"unknown_audience\"");
        refused.Error.ShouldContain("BROKER_OIDC_AUDIENCES");
        (await user.RunAsync("token", "--file", "no-such-folder/token")).Error.ShouldContain("cannot write");
    }

    [Fact]
    public async Task Keeps_on_until_it_is_ended_and_says_so_then()
    {
        using var user = await site.SignedInAsync();
        using var process = user.Start("token", "--file", "token", "--refresh", "--json");
        (await process.StandardOutput.ReadLineAsync()).ShouldBe("{");
        Claims(await File.ReadAllTextAsync(user.File("token"))).GetProperty("exp").GetInt64().ShouldBeGreaterThan(0);
        process.HasExited.ShouldBeFalse();

        (await user.RunProgramAsync("/bin/kill", ["-TERM", $"{process.Id}"])).ShouldSucceed();

        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(ExitCode.Ok);
        (await process.StandardError.ReadToEndAsync()).ShouldContain($"nobody renews {user.File("token")} any longer");
    }

    private static JsonElement Claims(string token) =>
        JsonDocument.Parse(Base64Url.DecodeFromChars(token.Split('.')[1])).RootElement;
}
