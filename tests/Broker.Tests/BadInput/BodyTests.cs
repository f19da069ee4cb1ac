using System.Net.Http.Headers;
using System.Text;
using Broker.Tests.Hosting;

namespace Broker.Tests.BadInput;

/// <summary>Bodies that are not what they should be, on every route that takes one.</summary>
public sealed class BodyTests(SharedMailBroker shared) : IClassFixture<SharedMailBroker>, IAsyncLifetime
{
    private readonly BrokerApp _broker = shared.App;
    private readonly Wallet _wallet = new();
    private string _session = "";

    public static TheoryData<string> EveryRoute =>
    [
        "/v1/auth/wallet/start", "/v1/auth/wallet/verify", "/v1/mint-oidc-jwt", "/v1/mint-aws-creds",
        "/v1/auth/email/request", "/v1/auth/email/preview", "/v1/auth/email/verify",
    ];

    public async Task InitializeAsync() => _session = await _broker.SignInAsync(_wallet);

    public Task DisposeAsync()
    {
        _wallet.Dispose();
        return Task.CompletedTask;
    }

    [Theory]
    [MemberData(nameof(EveryRoute))]
    public async Task Refuses_json_that_is_wrong_or_not_an_object(string path)
    {
        string[] bodies =
        [
            "{", "}", "{]", "nonsense", "null", "[]", "\"text\"", "1", "true", "{\"a\":1,}", "{'a':1}", "{a:1}",
            "{\"a\":1}{}", "{\"a\":1} x",
            "// comment\n{}", "{/* comment */}", "\u0000", " ", "\n", "{\"a\":NaN}", "{\"a\":01}", "{\"a\":\"\u0001\"}",
            "\uFEFF{", "{\"role\":\"data\"", "--",
            "{\"address\":\"x\",\"address\":\"y\"}", "{\"role\":\"data\",\"role\":\"data\"}",
            "{\"signature\":\"a\",\"sign\\u0061ture\":\"b\"}",
            "{\"ttl_seconds\":300,\"ttl_seconds\":301}", "{\"x\":{\"y\":1,\"y\":2}}", "{\"\\ud800\":1}",
            "{\"\\ud800\":1,\"\\ud801\":2}",
            Nested("[", 17), Nested("{\"a\":", 17), Nested("[", 50_000), Nested("{\"auth\":", 50_000),
        ];
        foreach (var body in bodies)
        {
            var answer = await _broker.PostRawAsync(path, body, _session);

            answer.ShouldRefuse(400, "bad_request", "malformed_json");
        }
    }

    [Theory]
    [MemberData(nameof(EveryRoute))]
    public async Task Refuses_bytes_that_are_not_utf8(string path)
    {
        byte[][] bodies =
        [
            [0xFF, 0xFE, 0x00, 0x00], [0x80], [0xC3, 0x28], [.. "{\"role\":\""u8, 0xFF, .. "\"}"u8],
            [.. "{\"address\":\""u8, 0xC0, 0x80, .. "\"}"u8],
            [.. "{\"signature\":\""u8, 0xED, 0xA0, 0x80, .. "\",\"request_id\":\"x\"}"u8],
            [.. "{\"request_id\":\""u8, 0xFE, .. "\",\"auth\":{}}"u8], [.. "{\"issued_at\":\""u8, 0xFF, .. "\"}"u8],
            Encoding.Unicode.GetBytes("{}"), Encoding.UTF32.GetBytes("{\"role\":\"data\"}"),
        ];
        foreach (var body in bodies)
        {
            var answer = await SendAsync(path, body, "application/json");

            ((int)answer.Status).ShouldBe(400, $"{Convert.ToHexString(body)}: {answer}");
            answer.ShouldHaveTheErrorShape();
        }
    }

    [Theory]
    [MemberData(nameof(EveryRoute))]
    public async Task Refuses_another_content_type(string path)
    {
        foreach (var type in (string[])["text/plain", "application/x-www-form-urlencoded", "text/json",
            "application/xml", "multipart/form-data; boundary=x", "application/jsonp", "*/*", "a", ";;;"])
        {
            var answer = await SendAsync(path, "{}"u8.ToArray(), type);

            answer.ShouldRefuse(415, "bad_request", "unsupported_media_type");
        }
    }

    [Fact]
    public async Task Takes_json_under_each_of_its_names_and_without_one()
    {
        foreach (var type in (string?[])["application/json", "APPLICATION/JSON; charset=utf-8",
            "application/merge-patch+json", null])
            (await SendAsync("/v1/mint-oidc-jwt", "{}"u8.ToArray(), type)).ShouldBeOk();
    }

    [Theory]
    [MemberData(nameof(EveryRoute))]
    public async Task Refuses_a_body_above_the_limit_whether_it_says_its_length_or_not(string path)
    {
        var huge = new byte[(1 << 20) + 1];
        huge.AsSpan().Fill((byte)' ');
        "{}"u8.CopyTo(huge);

        foreach (var chunked in (bool[])[false, true])
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(huge) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            if (chunked) request.Headers.TransferEncodingChunked = true;

            // A body whose length is refused is not waited for; a client that asks first does not run into the
            // closed door.
            else request.Headers.ExpectContinue = true;
            var answer = await _broker.SendAsync(request, _session);

            answer.ShouldRefuse(413, "bad_request", "body_too_large");
        }
    }

    [Theory]
    [MemberData(nameof(EveryRoute))]
    public async Task Takes_or_refuses_in_kind_what_chance_makes_of_a_body(string path)
    {
        const int Rounds = 300;
        var chance = new Random(20260504);
        var bodies = new List<string>();
        foreach (var route in Route.All.Where(one => one.Path.Split('?')[0] == path))
            bodies.Add((await route.GoodBodyAsync(_broker, _wallet)).ToJsonString());

        for (var round = 0; round < Rounds; round++)
        {
            var body = round % 3 == 0 ? Chance.Json(chance) : Chance.Damage(chance, bodies[chance.Next(bodies.Count)]);
            var answer = await SendAsync(path, body, "application/json");

            ((int)answer.Status).ShouldBeLessThan(500, $"round {round}: {Encoding.UTF8.GetString(body)}: {answer}");
            if ((int)answer.Status != 200) answer.ShouldHaveTheErrorShape();
        }
    }

    private static string Nested(string opening, int depth) => string.Concat(Enumerable.Repeat(opening, depth));

    private Task<Answer> SendAsync(string path, byte[] body, string? type)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        if (type is not null) request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        return _broker.SendAsync(request, _session);
    }
}
