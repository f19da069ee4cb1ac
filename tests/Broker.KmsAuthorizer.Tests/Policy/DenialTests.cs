using System.Text.Json.Nodes;

namespace Broker.KmsAuthorizer.Tests.Policy;

/// <summary>Each rule of auth-simple, its order and its words.</summary>
public sealed class DenialTests
{
    private const string Kms = "/bootAuth/kms";
    private const string App = "/bootAuth/app";

    [Theory]
    [InlineData(Kms)]
    [InlineData(App)]
    public async Task Allows_a_boot_that_the_policy_lists(string route)
    {
        await using var policy = await PolicyOnDisk.WithAsync(PolicyOnDisk.Permissive());

        (await policy.AskAsync(route)).ShouldSay(true, "", "0xgateway");
    }

    [Theory]
    [InlineData(Kms, "tcbStatus", "OutOfDate", "TCB status is not allowed")]
    [InlineData(App, "tcbStatus", "uptodate", "TCB status is not allowed")]
    [InlineData(Kms, "tcbStatus", "", "TCB status is not allowed")]
    [InlineData(Kms, "osImageHash", "00", "OS image is not allowed")]
    [InlineData(App, "osImageHash", "", "OS image is not allowed")]
    [InlineData(Kms, "mrAggregated", "00", "aggregated MR not allowed")]
    [InlineData(Kms, "mrAggregated", "", "aggregated MR not allowed")]
    [InlineData(App, "appId", "2222222222222222222222222222222222222222", "app not registered")]
    [InlineData(App, "appId", "", "app not registered")]
    [InlineData(App, "composeHash", "00", "compose hash not allowed")]
    public async Task Denies_what_the_policy_does_not_list(string route, string field, string value, string reason)
    {
        await using var policy = await PolicyOnDisk.WithAsync(PolicyOnDisk.Permissive());

        (await policy.AskAsync(route, (field, value))).ShouldSay(false, reason, "0xgateway");
    }

    [Theory]
    [InlineData(Kms)]
    [InlineData(App)]
    public async Task Denies_an_advisory_that_is_not_listed_even_beside_one_that_is(string route)
    {
        var wanted = PolicyOnDisk.Permissive();
        wanted["allowedAdvisoryIds"] = new JsonArray("INTEL-SA-00001");
        await using var policy = await PolicyOnDisk.WithAsync(wanted);

        (await policy.AskAsync(route, ("advisoryIds", new JsonArray("INTEL-SA-00001"))))
            .ShouldSay(true, "", "0xgateway");
        (await policy.AskAsync(route, ("advisoryIds", new JsonArray("INTEL-SA-00001", "INTEL-SA-00837"))))
            .ShouldSay(false, "advisory ID is not allowed", "0xgateway");
    }

    [Theory]
    [InlineData(Kms, "KMS is not allowed to boot on this device")]
    [InlineData(App, "app is not allowed to boot on this device")]
    public async Task Denies_a_device_that_a_filled_list_leaves_out(string route, string reason)
    {
        var wanted = WithDevices(new JsonArray($"0x{new string('1', 64)}"), any: false);
        await using var policy = await PolicyOnDisk.WithAsync(wanted);

        (await policy.AskAsync(route)).ShouldSay(false, reason, "0xgateway");
        (await policy.AskAsync(route, ("deviceId", new string('1', 64)))).ShouldSay(true, "", "0xgateway");
    }

    [Theory]
    [InlineData(Kms)]
    [InlineData(App)]
    public async Task Lets_any_device_boot_when_told_so_or_when_the_list_is_empty(string route)
    {
        await using var policy = await PolicyOnDisk.WithAsync(WithDevices(new JsonArray("0xother"), any: true));
        (await policy.AskAsync(route)).ShouldSay(true, "", "0xgateway");

        await policy.WriteAsync(WithDevices([], any: false));
        (await policy.AskAsync(route)).ShouldSay(true, "", "0xgateway");
    }

    [Fact]
    public async Task Takes_an_empty_list_of_measurements_as_nobody()
    {
        var wanted = PolicyOnDisk.Permissive();
        wanted["kms"]!["mrAggregated"] = new JsonArray();
        await using var policy = await PolicyOnDisk.WithAsync(wanted);

        (await policy.AskAsync(Kms)).ShouldSay(false, "aggregated MR not allowed", "0xgateway");
    }

    [Fact]
    public async Task Accepts_another_TCB_status_once_it_is_listed_and_then_only_that()
    {
        var wanted = PolicyOnDisk.Permissive();
        wanted["allowedTcbStatuses"] = new JsonArray("OutOfDate");
        await using var policy = await PolicyOnDisk.WithAsync(wanted);

        (await policy.AskAsync(Kms, ("tcbStatus", "OutOfDate"))).ShouldSay(true, "", "0xgateway");
        (await policy.AskAsync(Kms)).ShouldSay(false, "TCB status is not allowed", "0xgateway");
    }

    [Fact]
    public async Task Names_the_first_broken_rule_of_several()
    {
        await using var policy = await PolicyOnDisk.WithAsync(PolicyOnDisk.Permissive());
        var broken = new (string, JsonNode?)[]
        {
            ("tcbStatus", "OutOfDate"), ("advisoryIds", new JsonArray("X")), ("osImageHash", "00"),
            ("mrAggregated", "00"), ("appId", "00"), ("composeHash", "00"),
        };
        string[] expected =
        [
            "TCB status is not allowed", "advisory ID is not allowed", "OS image is not allowed",
            "aggregated MR not allowed",
        ];
        for (var fixedSoFar = 0; fixedSoFar < expected.Length; fixedSoFar++)
        {
            var change = broken[fixedSoFar..].Select(item => (item.Item1, item.Item2?.DeepClone())).ToArray();
            (await policy.AskAsync(Kms, change)).ShouldSay(false, expected[fixedSoFar], "0xgateway");
        }

        (await policy.AskAsync(App, ("appId", "00"), ("composeHash", "00")))
            .ShouldSay(false, "app not registered", "0xgateway");
    }

    [Fact]
    public async Task Compares_hex_in_either_case_with_or_without_its_prefix()
    {
        var wanted = PolicyOnDisk.Permissive();
        wanted["osImages"] = new JsonArray(Boot.OsImage.ToUpperInvariant());
        wanted["kms"]!["mrAggregated"] = new JsonArray($"0X{Boot.Measurement.ToUpperInvariant()}");
        wanted["apps"] = new JsonObject { ["ABCDEF"] = new JsonObject { ["composeHashes"] = new JsonArray("0xFe") } };
        await using var policy = await PolicyOnDisk.WithAsync(wanted);

        (await policy.AskAsync(Kms, ("mrAggregated", $"0x{Boot.Measurement}"))).ShouldSay(true, "", "0xgateway");
        (await policy.AskAsync(App, ("appId", "0xabcdef"), ("composeHash", "fE"))).ShouldSay(true, "", "0xgateway");
    }

    [Fact]
    public async Task Counts_leading_zeros_of_hex()
    {
        await using var policy = await PolicyOnDisk.WithAsync(PolicyOnDisk.Permissive());

        (await policy.AskAsync(Kms, ("mrAggregated", $"00{Boot.Measurement}")))
            .ShouldSay(false, "aggregated MR not allowed", "0xgateway");
    }

    [Fact]
    public async Task Lets_0x_in_the_list_stand_for_an_image_without_a_hash()
    {
        var wanted = PolicyOnDisk.Permissive();
        wanted["osImages"] = new JsonArray("0x");
        await using var policy = await PolicyOnDisk.WithAsync(wanted);

        (await policy.AskAsync(Kms, ("osImageHash", ""))).ShouldSay(true, "", "0xgateway");
        (await policy.AskAsync(Kms)).ShouldSay(false, "OS image is not allowed", "0xgateway");
    }

    private static JsonObject WithDevices(JsonArray devices, bool any)
    {
        var policy = PolicyOnDisk.Permissive();
        foreach (var rule in new[] { policy["kms"]!, policy["apps"]![$"0x{Boot.AppId}"]! })
        {
            rule["devices"] = devices.DeepClone();
            rule["allowAnyDevice"] = any;
        }

        return policy;
    }
}
