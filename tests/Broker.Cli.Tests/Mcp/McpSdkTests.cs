using System.Text.Json;
using Broker.Cli.Tests.Support;

namespace Broker.Cli.Tests.Mcp;

/// <summary>Other people's client, npm <c>@modelcontextprotocol/sdk</c>, drives <c>brokerctl mcp</c>.</summary>
public sealed class McpSdkTests(BrokerSite site) : IClassFixture<BrokerSite>
{
    private static readonly string Interop = Path.Combine(Fixtures.RepositoryRoot, "tests", "interop", "mcp");

    [Fact]
    public async Task The_mcp_sdk_lists_calls_and_cancels_and_hears_no_secret()
    {
        using var user = await site.SignedInAsync();
        var (seen, alive) = (user.File("seen"), user.File("alive"));
        await File.WriteAllTextAsync(user.File("commands.json"), JsonSerializer.Serialize(new
        {
            commands = new
            {
                leak = new
                {
                    command = new[]
                    {
                        "/bin/sh", "-c",
                        $"printf '%s\\n%s\\n' \"$AWS_SECRET_ACCESS_KEY\" \"$AWS_SESSION_TOKEN\" > {seen}; env; echo done",
                    },
                },
                slow = new { command = new[] { "/bin/sh", "-c", $"echo $$ > {alive}; exec sleep 300" } },
            },
        }));
        user.Environment["AGENTKEYS_COMMANDS_FILE"] = user.File("commands.json");
        var omni = (await user.RunAsync("whoami", "--json")).Json.GetProperty("omni_account").GetString();
        (await user.RunProgramAsync(Path.Combine(Interop, "up.sh"), [])).ShouldSucceed();

        var program = BrokerCtlProgram.Info("mcp");
        var judged = (await user.RunProgramAsync("node",
        [
            Path.Combine(Interop, "stdio-judge.mjs"),
            JsonSerializer.Serialize((string[])[program.FileName, .. program.ArgumentList]), "leak", "slow",
        ])).ShouldSucceed().Json;

        judged.GetProperty("version").GetProperty("name").GetString().ShouldBe("brokerctl");
        judged.GetProperty("tools").EnumerateArray().Select(tool => tool.GetString())
            .ShouldBe(["agentkeys.provision", "agentkeys.whoami", "agentkeys.explain"]);
        foreach (var who in (string[])["whoami", "after"])
            Data(judged, who).GetProperty("omni_account").GetString().ShouldBe(omni);
        Data(judged, "explained").GetProperty("granted").GetBoolean().ShouldBeTrue();
        Data(judged, "leaked").GetProperty("exit_code").GetInt32().ShouldBe(0);
        Data(judged, "leaked").GetProperty("stdout").GetString().ShouldNotBeNull()
            .ShouldContain("AWS_SECRET_ACCESS_KEY=[redacted]");
        judged.GetProperty("progress").EnumerateArray().ShouldNotBeEmpty();
        judged.GetProperty("unknown").GetInt32().ShouldBe(-32602);

        judged.GetProperty("cancelled").GetString().ShouldNotBeNull().ShouldContain("enough");
        var slow = (await File.ReadAllTextAsync(alive)).Trim();
        await Eventually.HoldsAsync(() => !Directory.Exists($"/proc/{slow}"));

        var heard = judged.GetProperty("heard").EnumerateArray().Select(message => message.GetString()!).ToList();
        heard.Count.ShouldBeGreaterThan(8);
        foreach (var secret in (await File.ReadAllLinesAsync(seen)).Where(line => line.Length > 0))
        {
            secret.Length.ShouldBeGreaterThan(30);
            heard.ShouldAllBe(message => !message.Contains(secret.Substring(4, 12), StringComparison.Ordinal));
        }
    }

    private static JsonElement Data(JsonElement judged, string call) =>
        judged.GetProperty(call).GetProperty("structuredContent");
}
