using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Broker.KmsAuthorizer.Tests.Policy;

namespace Broker.KmsAuthorizer.Tests.Http;

/// <summary>What counts as a boot request, and what is answered to anything else.</summary>
public sealed class RequestTests
{
    private const string Kms = "/bootAuth/kms";
    private const string App = "/bootAuth/app";

    private static readonly string[] Required =
        ["mrAggregated", "osImageHash", "appId", "composeHash", "instanceId", "deviceId"];

    public static TheoryData<string> RequiredFields => [.. Required];

    [Theory]
    [MemberData(nameof(RequiredFields))]
    public async Task Refuses_a_request_without_a_required_field(string field)
    {
        await using var policy = await PolicyOnDisk.WithAsync(PolicyOnDisk.Permissive());

        (await policy.AskAsync(Kms, (field, null))).ShouldBeInvalid(field);
        (await policy.AskAsync(App, (field, 7))).ShouldBeInvalid(field);
    }

    [Fact]
    public async Task Lets_the_measurement_of_the_system_the_status_and_the_advisories_be_absent()
    {
        var wanted = PolicyOnDisk.Permissive();
        wanted["allowedTcbStatuses"] = new JsonArray("");
        await using var policy = await PolicyOnDisk.WithAsync(wanted);

        (await policy.AskAsync(Kms, ("mrSystem", null), ("tcbStatus", null), ("advisoryIds", null)))
            .ShouldSay(true, "", "0xgateway");
    }

    [Theory]
    [InlineData("", "body")]
    [InlineData("null", "body")]
    [InlineData("[]", "body")]
    [InlineData("\"text\"", "body")]
    [InlineData("{", "body")]
    [InlineData("{}{}", "body")]
    [InlineData("{}", "mrAggregated")]
    [InlineData("mrAggregated=00", "body")]
    public async Task Refuses_a_body_that_is_no_JSON_object(string body, string field)
    {
        await using var policy = await PolicyOnDisk.WithAsync(PolicyOnDisk.Permissive());

        (await policy.Authorizer.PostAsync(Kms, body)).ShouldBeInvalid(field);
    }

    [Theory]
    [InlineData("tcbStatus", "7")]
    [InlineData("tcbStatus", "{}")]
    [InlineData("mrSystem", "[]")]
    [InlineData("advisoryIds", "\"INTEL-SA-00001\"")]
    [InlineData("advisoryIds", "[7]")]
    [InlineData("advisoryIds", "[null]")]
    [InlineData("appId", "true")]
    public async Task Coerces_nothing(string field, string value)
    {
        await using var policy = await PolicyOnDisk.WithAsync(PolicyOnDisk.Permissive());

        (await policy.AskAsync(Kms, (field, JsonNode.Parse(value)))).ShouldBeInvalid(field);
    }

    [Fact]
    public async Task Refuses_null_where_a_text_belongs()
    {
        await using var policy = await PolicyOnDisk.WithAsync(PolicyOnDisk.Permissive());
        var body = Boot.Request().ToJsonString().Replace("\"UpToDate\"", "null", StringComparison.Ordinal);

        (await policy.Authorizer.PostAsync(Kms, body)).ShouldBeInvalid("tcbStatus");
    }

    [Fact]
    public async Task Refuses_a_member_given_twice()
    {
        await using var policy = await PolicyOnDisk.WithAsync(PolicyOnDisk.Permissive());
        var body = Boot.Request().ToJsonString().Insert(1, "\"tcbStatus\":\"OutOfDate\",");

        (await policy.Authorizer.PostAsync(Kms, body)).ShouldBeInvalid("body");
    }

    [Fact]
    public async Task Refuses_half_a_surrogate_pair()
    {
        await using var policy = await PolicyOnDisk.WithAsync(PolicyOnDisk.Permissive());
        var body = Boot.Request().ToJsonString().Replace("UpToDate", "\\ud800", StringComparison.Ordinal);

        (await policy.Authorizer.PostAsync(Kms, body)).ShouldBeInvalid("body");
    }

    [Fact]
    public async Task Bounds_every_text_and_the_number_of_advisories()
    {
        await using var policy = await PolicyOnDisk.WithAsync(PolicyOnDisk.Permissive());
        var advisories = new JsonArray([.. Enumerable.Repeat(0, 129).Select(_ => JsonValue.Create("X"))]);

        (await policy.AskAsync(Kms, ("appId", new string('1', 1025)))).ShouldBeInvalid("appId");
        (await policy.AskAsync(Kms, ("tcbStatus", new string('U', 129)))).ShouldBeInvalid("tcbStatus");
        (await policy.AskAsync(Kms, ("advisoryIds", new JsonArray(new string('X', 257)))))
            .ShouldBeInvalid("advisoryIds");
        (await policy.AskAsync(Kms, ("advisoryIds", advisories))).ShouldBeInvalid("advisoryIds");
    }

    [Fact]
    public async Task Refuses_a_body_larger_than_a_mebibyte_and_reads_one_that_just_fits()
    {
        await using var policy = await PolicyOnDisk.WithAsync(PolicyOnDisk.Permissive());
        var spare = 1024 * 1024 - Boot.Request(("eventLog", "")).ToJsonString().Length;

        (await policy.AskAsync(Kms, ("eventLog", new string('0', spare)))).ShouldSay(true, "", "0xgateway");
        (await policy.AskAsync(Kms, ("eventLog", new string('0', spare + 1))))
            .ShouldBeInvalid("body", HttpStatusCode.RequestEntityTooLarge);
    }

    [Theory]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("text/plain")]
    public async Task Takes_a_boot_request_for_one_whatever_its_content_type(string contentType)
    {
        await using var policy = await PolicyOnDisk.WithAsync(PolicyOnDisk.Permissive());

        (await policy.Authorizer.PostAsync(Kms, Boot.Request().ToJsonString(), contentType))
            .ShouldSay(true, "", "0xgateway");
    }

    [Theory]
    [InlineData("{\"method\":\"is_app_allowed\",\"params\":{\"app_id\":\"test\"}}", "{\"result\":false}")]
    [InlineData("{\"method\":\"is_kms_allowed\"}", "{\"result\":false}")]
    [InlineData("{\"method\":\"ping\"}", "{\"result\":true}")]
    public async Task Answers_the_set_up_guides_hand_made_probe(string body, string expected)
    {
        await using var policy = await PolicyOnDisk.WithAsync(PolicyOnDisk.Permissive());

        (await policy.Authorizer.PostAsync("/", body)).ShouldBe(new Answer(HttpStatusCode.OK, expected));
    }

    [Theory]
    [InlineData("{\"method\":\"mint\"}")]
    [InlineData("{\"method\":7}")]
    [InlineData("{\"method\":\"\\ud800\"}")]
    [InlineData("{\"method\":\"ping\",\"method\":\"ping\"}")]
    [InlineData("{\"method\":\"ping\"} trailing")]
    [InlineData("[]")]
    [InlineData("")]
    public async Task Refuses_a_probe_it_does_not_know(string body)
    {
        await using var policy = await PolicyOnDisk.WithAsync(PolicyOnDisk.Permissive());

        (await policy.Authorizer.PostAsync("/", body)).ShouldBeInvalid("method");
    }

    [Fact]
    public async Task Knows_no_other_route_or_method()
    {
        await using var policy = await PolicyOnDisk.WithAsync(PolicyOnDisk.Permissive());

        (await policy.Authorizer.GetAsync(Kms)).Status.ShouldBe(HttpStatusCode.MethodNotAllowed);
        (await policy.Authorizer.GetAsync("/bootAuth")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await policy.AskAsync("/bootAuth/other")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Keeps_text_of_a_request_from_starting_a_log_line_of_its_own()
    {
        await using var policy = await PolicyOnDisk.WithAsync(PolicyOnDisk.Permissive());

        await policy.AskAsync(Kms, ("appId", "00\nKms boot allowed"), ("tcbStatus", "Up\u001b[2J"));

        policy.Authorizer.LogLines
            .ShouldContain(line => line.Contains(@"00\nKms boot allowed", StringComparison.Ordinal));
        policy.Authorizer.LogLines.ShouldAllBe(line => !line.Any(char.IsControl));
    }

    [FixtureFact]
    public async Task Answers_with_every_member_that_the_references_OpenAPI_document_requires()
    {
        var document = await File.ReadAllTextAsync(Fixtures.File("kms", "auth", "auth-mock-openapi.json"));
        var schemas = JsonNode.Parse(document)!["components"]!["schemas"]!;
        string[] Demanded(string schema) => schemas[schema]!["required"].Deserialize<string[]>()!;
        await using var policy = await PolicyOnDisk.WithAsync(PolicyOnDisk.Permissive());

        (await policy.AskAsync(Kms)).Json.Select(member => member.Key)
            .ShouldBe(Demanded("BootResponse"), ignoreOrder: true);
        // The mock's "note" says that it is a mock; ours is none.
        (await policy.Authorizer.GetAsync()).Json.Select(member => member.Key)
            .ShouldBe(Demanded("MockSystemInfo").Except(["note"]), ignoreOrder: true);
        Required.ShouldBe(Demanded("BootInfo"), ignoreOrder: true);
    }
}
