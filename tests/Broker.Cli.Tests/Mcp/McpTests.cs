using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Broker.Cli.Tests.Support;

namespace Broker.Cli.Tests.Mcp;

/// <summary>
/// <c>brokerctl mcp</c> by the messages of the protocol itself (modelcontextprotocol.io; JSON-RPC 2.0): its tools, and
/// that no secret is in the transcript, whatever a command prints.
/// </summary>
public sealed partial class McpTests(BrokerSite site) : IClassFixture<BrokerSite>
{
    [Fact]
    public async Task Lists_its_tools_and_tells_who_the_agent_is()
    {
        using var user = await site.SignedInAsync();
        using var agent = await AgentAsync(user);

        var tools = (await agent.AskAsync("tools/list")).GetProperty("tools").EnumerateArray().ToList();
        tools.Select(tool => tool.GetProperty("name").GetString())
            .ShouldBe(["agentkeys.provision", "agentkeys.whoami", "agentkeys.explain"]);
        tools.ShouldAllBe(tool => tool.GetProperty("inputSchema").GetProperty("type").GetString() == "object");

        var omni = (await user.RunAsync("whoami", "--json")).Json.GetProperty("omni_account").GetString();
        var who = await agent.CallAsync("agentkeys.whoami", new { });
        who.GetProperty("structuredContent").GetProperty("omni_account").GetString().ShouldBe(omni);
        who.GetProperty("content")[0].GetProperty("text").GetString().ShouldNotBeNull().ShouldContain(omni!);

        var explained = await agent.CallAsync("agentkeys.explain", new { role = "nobodys" });
        explained.GetProperty("structuredContent").GetProperty("granted").GetBoolean().ShouldBeFalse();
        explained.GetProperty("content")[0].GetProperty("text").GetString().ShouldNotBeNull().ShouldContain("REFUSED role");
        agent.Transcript.ShouldNotContain("eyJ");
    }

    [Fact]
    public async Task Provision_runs_the_command_with_credentials_that_open_the_own_prefix()
    {
        using var user = await site.SignedInAsync();
        var omni = (await user.RunAsync("whoami", "--json")).Json.GetProperty("omni_account").GetString();
        await File.WriteAllTextAsync(user.File("note.txt"), "by an agent");
        var target = $"s3://{BrokerSite.VaultBucket}/bots/{omni}/agent.txt";
        Register(user, new
        {
            backup = new
            {
                command = new[] { "/usr/bin/aws", "--endpoint-url", site.Cloud.AbsoluteUri, "s3", "cp", "note.txt", target },
                role = "vault",
            },
        });
        using var agent = await AgentAsync(user);

        var ran = await agent.CallAsync("agentkeys.provision", new { service = "backup", reason = "nightly" });

        var data = ran.GetProperty("structuredContent");
        data.GetProperty("exit_code").GetInt32().ShouldBe(0, ran.GetRawText());
        data.GetProperty("stdout").GetString().ShouldNotBeNull().ShouldContain("upload: ./note.txt");
        data.GetProperty("audit_record_id").GetString().ShouldNotBeNull().ShouldStartWith("aud_");
    }

    /// <summary>The command itself is told to find out what it was given, and prints it in every way that is usual.</summary>
    [Fact]
    public async Task No_secret_is_in_the_transcript_whatever_the_command_prints()
    {
        using var user = await site.SignedInAsync();
        var seen = user.File("seen");
        Register(user, new
        {
            leak = new
            {
                command = new[]
                {
                    "/bin/sh", "-c",
                    $"printf '%s\\n%s\\n' \"$AWS_SECRET_ACCESS_KEY\" \"$AWS_SESSION_TOKEN\" > {seen}; env; env >&2; "
                    + "printf %s \"$AWS_SECRET_ACCESS_KEY\" | base64; printf 'x%s' \"$AWS_SESSION_TOKEN\" | base64; "
                    + "printf 'xy%s' \"$AWS_SECRET_ACCESS_KEY\" | base64 -w 11; printf %s \"$AWS_SESSION_TOKEN\" | fold -w 9; "
                    + "printf %s \"$AWS_SECRET_ACCESS_KEY\" | od -An -tx1; printf %s \"$AWS_SECRET_ACCESS_KEY\" | rev; "
                    + "printf %s \"$AWS_SESSION_TOKEN\" | cut -c 20-60; echo done; exit 3",
                },
            },
        });
        using var agent = await AgentAsync(user);

        var ran = await agent.CallAsync("agentkeys.provision", new { service = "leak" });

        ran.GetProperty("isError").GetBoolean().ShouldBeTrue();
        ran.GetProperty("structuredContent").GetProperty("exit_code").GetInt32().ShouldBe(3);
        var output = ran.GetProperty("structuredContent").GetProperty("stdout").GetString()!;
        output.ShouldContain("AWS_SECRET_ACCESS_KEY=[redacted]");
        output.ShouldContain("AWS_REGION=us-east-1");
        output.ShouldContain("done");
        output.ShouldNotContain("AGENTKEYS_SESSION_TOKEN");

        var plain = Blanks().Replace(agent.Transcript.Replace("\\n", "", StringComparison.Ordinal), "");
        foreach (var secret in (await File.ReadAllLinesAsync(seen)).Where(line => line.Length > 0))
        {
            secret.Length.ShouldBeGreaterThan(30);
            foreach (var form in (string[])[secret, string.Concat(secret.Reverse()),
                Convert.ToHexStringLower(Encoding.ASCII.GetBytes(secret)),
                Convert.ToBase64String(Encoding.ASCII.GetBytes(secret)).TrimEnd('='),
                Convert.ToBase64String(Encoding.ASCII.GetBytes("x" + secret))[4..^4],
                Convert.ToBase64String(Encoding.ASCII.GetBytes("xy" + secret))[4..^4]])
            {
                for (var at = 0; at + 12 <= form.Length; at += 4)
                    plain.ShouldNotContain(form.Substring(at, 12));
            }
        }
    }

    [Fact]
    public async Task Progress_is_told_and_a_cancelled_command_ends()
    {
        using var user = await site.SignedInAsync();
        var alive = user.File("alive");
        Register(user, new
        {
            slow = new { command = new[] { "/bin/sh", "-c", $"echo $$ > {alive}; sleep 300" } },
            late = new { command = new[] { "/bin/sleep", "300" }, timeout_seconds = 1 },
        });
        using var agent = await AgentAsync(user);

        var call = agent.Send("tools/call", new
        {
            name = "agentkeys.provision",
            arguments = new { service = "slow" },
            _meta = new { progressToken = "p1" },
        });
        var progress = await agent.ReadAsync(line => line.TryGetProperty("method", out var method)
            && method.GetString() == "notifications/progress"
            && line.GetProperty("params").GetProperty("message").GetString()!.Contains("runs for", StringComparison.Ordinal));
        progress.GetProperty("params").GetProperty("progressToken").GetString().ShouldBe("p1");
        agent.Notify("notifications/cancelled", new { requestId = call });

        var process = int.Parse(await File.ReadAllTextAsync(alive), System.Globalization.CultureInfo.InvariantCulture);
        for (var tries = 0; Directory.Exists($"/proc/{process}"); tries++)
        {
            tries.ShouldBeLessThan(100);
            await Task.Delay(100);
        }

        var late = await agent.CallAsync("agentkeys.provision", new { service = "late" });
        late.GetProperty("isError").GetBoolean().ShouldBeTrue();
        late.GetProperty("content")[0].GetProperty("text").GetString().ShouldNotBeNull().ShouldContain("took too long");
    }

    [Fact]
    public async Task A_command_ends_with_its_server()
    {
        using var user = await site.SignedInAsync();
        var alive = user.File("alive");
        Register(user, new { slow = new { command = new[] { "/bin/sh", "-c", $"echo $$ > {alive}; sleep 300" } } });
        var server = user.Start("mcp");
        using var agent = await HelloAsync(new McpAgent(server));

        agent.Send("tools/call", new { name = "agentkeys.provision", arguments = new { service = "slow" } });
        await Eventually.HoldsAsync(() => File.Exists(alive) && File.ReadAllText(alive).EndsWith('\n'));
        server.StandardInput.Close();
        await server.WaitForExitAsync();

        var process = (await File.ReadAllTextAsync(alive)).Trim();
        await Eventually.HoldsAsync(() => !Directory.Exists($"/proc/{process}"));
    }

    [Fact]
    public async Task Errors_are_those_of_the_protocol_and_a_bad_line_is_answered()
    {
        using var user = await site.UserAsync();
        using var agent = await AgentAsync(user);

        agent.SendLine("not json");
        (await agent.ReadAsync(line => line.TryGetProperty("error", out _)))
            .GetProperty("error").GetProperty("code").GetInt32().ShouldBe(-32700);
        (await agent.FailAsync("no/such/method")).ShouldBe(-32601);
        (await agent.FailAsync("tools/call", new { name = "no.such.tool", arguments = new { } })).ShouldBe(-32602);

        // What a tool cannot do is the tool's answer, with the next step.
        var who = await agent.CallAsync("agentkeys.whoami", new { });
        who.GetProperty("isError").GetBoolean().ShouldBeTrue();
        who.GetProperty("structuredContent").GetProperty("code").GetString().ShouldBe("not_signed_in");
        foreach (var arguments in (object[])[new { }, new { service = 5 }, new { service = "x", other = "y" }, new { service = "x" }])
        {
            (await agent.CallAsync("agentkeys.provision", arguments)).GetProperty("isError").GetBoolean().ShouldBeTrue();
        }
    }

    [Theory]
    [InlineData("""{ "commands": { "a": { "command": [] } } }""", "a: command")]
    [InlineData("""{ "commands": { "a": { "command": ["x"], "shell": true } } }""", "not of the form")]
    [InlineData("""{ "commands": 1 }""", "not of the form")]
    public async Task A_file_of_commands_that_cannot_be_used_runs_nothing(string file, string why)
    {
        using var user = await site.SignedInAsync();
        await File.WriteAllTextAsync(user.File("commands.json"), file);
        user.Environment["AGENTKEYS_COMMANDS_FILE"] = user.File("commands.json");
        using var agent = await AgentAsync(user);

        (await agent.CallAsync("agentkeys.provision", new { service = "a" })).GetProperty("content")[0]
            .GetProperty("text").GetString().ShouldNotBeNull().ShouldContain(why);

        File.SetUnixFileMode(user.File("commands.json"), (UnixFileMode)Convert.ToInt32("666", 8));
        (await agent.CallAsync("agentkeys.provision", new { service = "a" })).GetProperty("content")[0]
            .GetProperty("text").GetString().ShouldNotBeNull().ShouldContain("chmod go-w");
    }

    private static void Register(CommandLineUser user, object commands)
    {
        var path = user.File("commands.json");
        File.WriteAllText(path, JsonSerializer.Serialize(new { commands }));
        user.Environment["AGENTKEYS_COMMANDS_FILE"] = path;
    }

    private static Task<McpAgent> AgentAsync(CommandLineUser user) => HelloAsync(new McpAgent(user.Start("mcp")));

    private static async Task<McpAgent> HelloAsync(McpAgent agent)
    {
        var hello = await agent.AskAsync("initialize", new
        {
            protocolVersion = "2025-06-18",
            capabilities = new { },
            clientInfo = new { name = "test", version = "1" },
        });
        hello.GetProperty("serverInfo").GetProperty("name").GetString().ShouldBe("brokerctl");
        agent.Notify("notifications/initialized");
        return agent;
    }

    [GeneratedRegex("\\s")]
    private static partial Regex Blanks();
}
