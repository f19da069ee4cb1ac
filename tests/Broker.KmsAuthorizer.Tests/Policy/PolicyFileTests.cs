using System.Net;
using System.Text.Json.Nodes;

namespace Broker.KmsAuthorizer.Tests.Policy;

/// <summary>The file: read for every request, and no policy at all unless all of it is one.</summary>
public sealed class PolicyFileTests
{
    private const string Kms = "/bootAuth/kms";

    [Fact]
    public async Task Obeys_an_edited_file_with_the_next_request()
    {
        await using var policy = await PolicyOnDisk.WithAsync(PolicyOnDisk.Permissive());
        (await policy.AskAsync(Kms)).ShouldSay(true, "", "0xgateway");

        var stricter = PolicyOnDisk.Permissive();
        stricter["kms"]!["mrAggregated"] = new JsonArray();
        stricter["gatewayAppId"] = "0xother";
        await policy.WriteAsync(stricter);
        (await policy.AskAsync(Kms)).ShouldSay(false, "aggregated MR not allowed", "0xother");

        await policy.WriteAsync(PolicyOnDisk.Permissive());
        (await policy.AskAsync(Kms)).ShouldSay(true, "", "0xgateway");

        File.Delete(policy.FilePath);
        (await policy.AskAsync(Kms)).ShouldSay(false, "OS image is not allowed", "");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{} trailing")]
    [InlineData("{,}")]
    [InlineData("{ /* a comment */ }")]
    public async Task Denies_everything_while_the_file_is_missing_or_not_a_JSON_object(string? text)
    {
        await using var policy = await PolicyOnDisk.WithAsync(text);

        (await policy.AskAsync(Kms)).ShouldSay(false, "OS image is not allowed", "");
        policy.Authorizer.LogLines.ShouldContain(line => line.Contains("everything is denied"));
    }

    [Theory]
    [InlineData("gatewayAppId", "7")]
    [InlineData("gatewayAppId", "null")]
    [InlineData("chainId", "\"1\"")]
    [InlineData("chainId", "-1")]
    [InlineData("chainId", "1.5")]
    [InlineData("osImages", "\"0x00\"")]
    [InlineData("osImages", "null")]
    [InlineData("allowedTcbStatuses", "[null]")]
    [InlineData("allowedAdvisoryIds", "[[\"x\"]]")]
    [InlineData("kms", "null")]
    [InlineData("kms", "{\"mrAggregated\":[1]}")]
    [InlineData("kms", "{\"allowAnyDevice\":\"true\"}")]
    [InlineData("apps", "[]")]
    [InlineData("apps", "null")]
    [InlineData("apps", "{\"0x00\":null}")]
    [InlineData("apps", "{\"0x00\":{\"composeHashes\":{}}}")]
    public async Task Denies_everything_when_one_member_has_the_wrong_type(string member, string value)
    {
        var wanted = PolicyOnDisk.Permissive();
        wanted[member] = JsonNode.Parse(value);
        await using var policy = await PolicyOnDisk.WithAsync(wanted);

        (await policy.AskAsync(Kms)).ShouldSay(false, "OS image is not allowed", "");
    }

    [Fact]
    public async Task Denies_everything_when_a_member_is_given_twice()
    {
        var text = PolicyOnDisk.Permissive().ToJsonString();
        await using var policy = await PolicyOnDisk.WithAsync(text.Insert(1, "\"gatewayAppId\":\"0xfirst\","));

        (await policy.AskAsync(Kms)).ShouldSay(false, "OS image is not allowed", "");
    }

    [Fact]
    public async Task Denies_everything_when_the_file_is_larger_than_its_limit()
    {
        var text = PolicyOnDisk.Permissive().ToJsonString();
        await using var policy = await PolicyOnDisk.WithAsync(text + new string(' ', 4 * 1024 * 1024));

        (await policy.AskAsync(Kms)).ShouldSay(false, "OS image is not allowed", "");
    }

    [Fact]
    public async Task Denies_everything_while_only_half_of_the_file_is_written()
    {
        var text = PolicyOnDisk.Permissive().ToJsonString();
        await using var policy = await PolicyOnDisk.WithAsync(text[..^1]);

        (await policy.AskAsync(Kms)).ShouldSay(false, "OS image is not allowed", "");
    }

    [Theory]
    [InlineData("0xab01", "0xAB01")]
    [InlineData("0xab01", "ab01")]
    [InlineData("0xab01", "0Xab01")]
    [InlineData("ab01", "AB01")]
    [InlineData("ab01", "0xAB01")]
    [InlineData("", "0x")]
    public async Task Denies_everything_when_two_apps_differ_only_in_case_or_prefix(string one, string other)
    {
        var wanted = PolicyOnDisk.Permissive();
        foreach (var id in (string[])[one, other])
            wanted["apps"]![id] = new JsonObject { ["composeHashes"] = new JsonArray() };
        await using var policy = await PolicyOnDisk.WithAsync(wanted);

        (await policy.AskAsync(Kms)).ShouldSay(false, "OS image is not allowed", "");
        policy.Authorizer.LogLines.ShouldContain(line => line.Contains("twice, in different spellings"));
    }

    [Theory]
    [InlineData("kms", "Devices")]
    [InlineData("kms", "device")]
    [InlineData("kms", "devcies")]
    [InlineData("kms", "allowedDevices")]
    [InlineData("kms", "deviceIds")]
    [InlineData("kms", "allow_any_device")]
    [InlineData("kms", "alowAnyDevice")]
    [InlineData("kms", "mrAggregate")]
    [InlineData("kms", "denied")]
    [InlineData("app", "Devices")]
    [InlineData("app", "device_ids")]
    [InlineData("app", "composeHash")]
    [InlineData("app", "mrAggregated")]
    [InlineData("", "devices")]
    [InlineData("", "osImage")]
    [InlineData("", "OsImages")]
    [InlineData("", "allowedTcbStatus")]
    [InlineData("", "tcbStatuses")]
    [InlineData("", "allowedAdvisories")]
    [InlineData("", "KMS")]
    [InlineData("", "app")]
    public async Task Denies_everything_when_an_unknown_member_looks_like_a_misspelt_restriction(
        string place, string member)
    {
        var wanted = PolicyOnDisk.Permissive();
        var where = place switch
        {
            "kms" => wanted["kms"]!.AsObject(),
            "app" => wanted["apps"]![$"0x{Boot.AppId}"]!.AsObject(),
            _ => wanted,
        };
        where[member] = new JsonArray("0x00");
        await using var policy = await PolicyOnDisk.WithAsync(wanted);

        (await policy.AskAsync(Kms)).ShouldSay(false, "OS image is not allowed", "");
        policy.Authorizer.LogLines.ShouldContain(line => line.Contains($"the unknown member {member}"));
    }

    [Fact]
    public async Task Ignores_members_that_it_does_not_know()
    {
        var wanted = PolicyOnDisk.Permissive();
        foreach (var name in (string[])["$schema", "description", "owner", "version", "updatedAt", "_todo"])
            wanted[name] = "x";
        wanted["comment"] = "reviewed";
        wanted["kms"]!["note"] = 7;
        await using var policy = await PolicyOnDisk.WithAsync(wanted);

        (await policy.AskAsync(Kms)).ShouldSay(true, "", "0xgateway");
    }

    [Fact]
    public async Task Reports_the_policys_identity_as_it_stands_in_the_file()
    {
        await using var policy = await PolicyOnDisk.WithAsync("""
            { "gatewayAppId": "0xgw", "kmsContractAddr": "0xk", "chainId": 11155111, "appImplementation": "0xi" }
            """);

        var answer = await policy.Authorizer.GetAsync();

        answer.Status.ShouldBe(HttpStatusCode.OK);
        answer.Text.ShouldBe(new JsonObject
        {
            ["status"] = "ok",
            ["kmsContractAddr"] = "0xk",
            ["gatewayAppId"] = "0xgw",
            ["chainId"] = 11155111,
            ["appAuthImplementation"] = "0xi",
            ["appImplementation"] = "0xi",
        }.ToJsonString());
    }

    [Fact]
    public async Task Reports_auth_simples_defaults_without_a_file()
    {
        await using var policy = await PolicyOnDisk.WithAsync((string?)null);

        var status = (await policy.Authorizer.GetAsync()).Json;

        status["status"]!.GetValue<string>().ShouldBe("ok");
        status["gatewayAppId"]!.GetValue<string>().ShouldBe("");
        status["chainId"]!.GetValue<long>().ShouldBe(0);
        status["kmsContractAddr"]!.GetValue<string>().ShouldBe($"0x{new string('0', 40)}");
        status["appImplementation"]!.GetValue<string>().ShouldBe($"0x{new string('0', 40)}");
    }

    [FixtureFact]
    public async Task Reads_the_references_example_file()
    {
        var text = await File.ReadAllTextAsync(Fixtures.File("kms", "auth", "auth-config.example.json"));
        var example = JsonNode.Parse(text)!;
        await using var policy = await PolicyOnDisk.WithAsync(example);
        var image = example["osImages"]![0]!.GetValue<string>();

        (await policy.AskAsync(
            "/bootAuth/app", ("osImageHash", image), ("appId", "yourappid"), ("composeHash", "yourcomposehash")))
            .ShouldSay(true, "", "");
        (await policy.AskAsync(Kms, ("osImageHash", image))).ShouldSay(false, "aggregated MR not allowed", "");
    }
}
