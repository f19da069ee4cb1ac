using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Broker.Tests.Hosting;

namespace Broker.Tests.DataClasses;

/// <summary>Events of capabilities' holders, and texts that are classified by an operator's catalogue.</summary>
public sealed class AuditAndClassifyTests : IAsyncLifetime
{
    private const string Words = """
        {"version":3,"entries":[
          {"match":"Passport","category":"identity","sensitivity":"high"},
          {"match":"pass","category":"travel","sensitivity":"low"},
          {"match":"passport photo","category":"picture","sensitivity":"medium"}]}
        """;

    private readonly TemporaryFolder _folder = new();
    private DataSite _site = null!;
    private string _catalogue = "";

    public async Task InitializeAsync()
    {
        _catalogue = Write(Words);
        _site = await DataSite.StartAsync(
            ("BROKER_MODULES", "broker,audit,classify"), ("BROKER_AUDIT_PORT", "0"), ("BROKER_CLASSIFY_PORT", "0"),
            ("BROKER_CLASSIFY_CATALOG_PATH", _catalogue));
    }

    public async Task DisposeAsync()
    {
        await _site.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task An_event_is_on_record_under_the_capabilitys_actor_with_the_hash_of_its_details()
    {
        var capability = await _site.FetchCapAsync();

        var answer = (await AppendAsync(capability, """{"b":1.0,"a":"é"}""")).ShouldBeOk();

        // RFC 8785: members in order, numbers as ECMAScript writes them.
        var canonical = System.Text.Encoding.UTF8.GetBytes("""{"a":"é","b":1}""");
        answer["body_hash"].ShouldBe(Convert.ToHexStringLower(SHA256.HashData(canonical)));
        var row = _site.Broker.RowOf(answer);
        row.Kind.ShouldBe("audit_event");
        row.RecordId.ShouldBe(answer["audit_record_id"]);
        row.ActorOmni.ShouldBe(_site.Master);
        row.OutcomeDetail.ShouldBe("cred.fetch ok");
        row.Evidence.ShouldContain(answer["body_hash"]!);
        row.Evidence.ShouldContain(capability["payload"]!["nonce"]!.GetValue<string>());
        (await _site.Broker.MetricAsync("audit_events_total")).ShouldBe(1);
        (await _site.Broker.GetAsync($"{Audit}healthz")).ShouldBeOk()
            .Json.GetProperty("ok").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task An_event_needs_a_capability_that_holds_and_a_form()
    {
        var capability = await _site.FetchCapAsync();
        var forged = capability.DeepClone();
        forged["payload"]!["service"] = "another";
        DataSite.ShouldRefuse(await AppendAsync(forged), 403, "broker_sig_invalid");
        foreach (var body in (string[])["[]", "5", "\"x\"", "{\"a\":1e999}"])
            DataSite.ShouldRefuse(await AppendAsync(capability, body), 400, "invalid_input");
        foreach (var (kind, result) in ((string, string)[])
            [("", "ok"), ("Cred", "ok"), (new('a', 65), "ok"), ("cred fetch", "ok"), ("cred.fetch", "maybe")])
            DataSite.ShouldRefuse(await AppendAsync(capability, "{}", kind, result), 400, "invalid_input");
        _site.Broker.Clock.Advance(TimeSpan.FromMinutes(6));
        DataSite.ShouldRefuse(await AppendAsync(capability), 403, "cap_expired");
        _site.Broker.MintLog().ShouldNotContain(row => row.Kind == "audit_event" && row.Outcome == "ok");
    }

    [Theory]
    [InlineData("passport", "identity", "high", "passport")]
    [InlineData("My PASSPORT, scanned", "identity", "high", "passport")]
    [InlineData("boarding pass", "travel", "low", "pass")]
    [InlineData("passport photo", "picture", "medium", "passport photo")]
    [InlineData("passports", "unknown", "high", null)]
    [InlineData("compass", "unknown", "high", null)]
    [InlineData("something else", "unknown", "high", null)]
    public async Task A_text_has_the_class_of_the_longest_word_in_it(
        string entity, string category, string sensitivity, string? matched)
    {
        var answer = (await TagAsync(await ClassifyCapAsync(), entity)).ShouldBeOk().Json.GetProperty("classification");

        answer.GetProperty("category").GetString().ShouldBe(category);
        answer.GetProperty("sensitivity").GetString().ShouldBe(sensitivity);
        answer.GetProperty("matched").GetString().ShouldBe(matched);
        answer.GetProperty("catalog_version").GetInt64().ShouldBe(3);
    }

    [Fact]
    public async Task A_text_is_classified_for_a_capability_of_this_op_and_class_alone()
    {
        DataSite.ShouldRefuse(await TagAsync(await _site.FetchCapAsync(), "passport"), 403, "cap_op_mismatch");
        DataSite.ShouldRefuse(
            await TagAsync(await ClassifyCapAsync(), "passport", "credentials"), 403, "cap_data_class_mismatch");
        foreach (var entity in (string[])["", new('x', 1001)])
            DataSite.ShouldRefuse(await TagAsync(await ClassifyCapAsync(), entity), 400, "invalid_input");
    }

    [Fact]
    public async Task A_catalogue_that_is_broken_leaves_the_one_before_it_in_force_and_readyz_says_so()
    {
        foreach (var broken in (string[])
            [
                "{", """{"version":4}""", Words.Replace("\"low\"", "\"secret\"", StringComparison.Ordinal),
                Words.Replace("\"pass\"", "\"PASSPORT\"", StringComparison.Ordinal),
            ])
        {
            Write(broken);
            (await TagAsync(await ClassifyCapAsync(), "passport")).ShouldBeOk();
            (await _site.Broker.GetAsync("/readyz")).Text.ShouldContain("the catalogue before it stays in force");
        }

        Write(Words.Replace("\"version\":3", "\"version\":4", StringComparison.Ordinal));
        (await TagAsync(await ClassifyCapAsync(), "passport")).ShouldBeOk()
            .Json.GetProperty("classification").GetProperty("catalog_version").GetInt64().ShouldBe(4);
    }

    private Uri Audit => _site.Broker.Listener(1);

    private Uri Classify => _site.Broker.Listener(2);

    private async Task<JsonObject> ClassifyCapAsync()
    {
        var wish = Capabilities.CapabilityBodies.Wish(_site.Master, _site.Master, _site.Device);
        wish["data_class"] = "memory";
        wish = Capabilities.CapabilityBodies.ProvenBy(
            wish, _site.Device, _site.Broker.Clock.UnixSeconds, "classify", "memory");
        var minted = (await _site.Broker.PostAsync("/v1/cap/classify", wish, _site.Session)).ShouldBeOk();
        return JsonNode.Parse(minted.Text)!.AsObject();
    }

    private Task<Answer> AppendAsync(
        JsonNode capability, string body = "{}", string kind = "cred.fetch", string result = "ok") =>
        _site.Broker.PostRawAsync(
            $"{Audit}v1/audit/append",
            $$"""
            {"cap":{{capability.ToJsonString()}},"op_kind":"{{kind}}","result":"{{result}}","op_body":{{body}}}
            """);

    private Task<Answer> TagAsync(JsonNode capability, string entity, string dataClass = "memory")
    {
        var body = new JsonObject
        {
            ["cap"] = capability.DeepClone(),
            ["data_class"] = dataClass,
            ["entity"] = entity,
        };
        return _site.Broker.PostRawAsync($"{Classify}v1/classify/tag", body.ToJsonString());
    }

    private string Write(string words)
    {
        var path = _folder.File("catalogue.json");
        File.WriteAllText(path, words);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }
}
