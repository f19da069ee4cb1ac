using System.Collections.Concurrent;
using System.Text.Json;
using Broker.Cli.Tests.Support;
using WireMock;
using WireMock.RequestBuilders;
using WireMock.ResponseBuilders;
using WireMock.Server;

namespace Broker.Cli.Tests.Running;

/// <summary>
/// A client that lives longer than its credentials: AWS's SDK for JavaScript under <c>run --serve</c>, at a broker
/// whose credentials end after nine seconds. It signs nothing with credentials that have ended.
/// </summary>
public sealed class LongRunningClientTests(BrokerSite site) : IClassFixture<BrokerSite>, IDisposable
{
    private const int Lifetime = 9;
    private static readonly string Interop = Path.Combine(Fixtures.RepositoryRoot, "tests", "interop");

    private readonly WireMockServer _server = CannedServer.Start();
    private readonly ConcurrentDictionary<string, DateTimeOffset> _minted = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<(string Key, DateTimeOffset At)> _used = new();

    public void Dispose() => _server.Dispose();

    [Fact]
    public async Task Renews_its_credentials_before_they_end()
    {
        using var user = await site.UserAsync();
        user.Environment["AGENTKEYS_BROKER_URL"] = _server.Url!;
        user.Environment["AGENTKEYS_SESSION_TOKEN"] = "a session";
        _server.Given(Request.Create().WithPath("/v1/mint-aws-creds").UsingPost())
            .RespondWith(Response.Create().WithCallback(_ => Mint()));
        _server.Given(Request.Create().WithPath("/bucket/*").UsingGet())
            .RespondWith(Response.Create().WithCallback(Read));
        (await user.RunProgramAsync(Path.Combine(Interop, "up.sh"), [])).ShouldSucceed();

        // Eight reads in fourteen seconds, by one client.
        var ran = await user.RunAsync(
            "run", "--serve", "--region", "us-east-1", "--", "node", Path.Combine(Interop, "s3-judge.mjs"),
            _server.Url!, "bucket", "key", "8", "2000");

        ran.ShouldSucceed();
        ran.Error.ShouldNotContain("ended");
        _used.Count.ShouldBe(8);
        _used.Select(one => one.Key).Distinct().Count().ShouldBeGreaterThan(1);
        foreach (var (key, at) in _used) at.ShouldBeLessThan(_minted[key].AddSeconds(Lifetime), key);
    }

    private ResponseMessage Mint()
    {
        var key = $"ASIA{_minted.Count:D16}";
        var now = DateTimeOffset.UtcNow;
        _minted[key] = now;
        return Json(JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["access_key_id"] = key,
            ["secret_access_key"] = "secret",
            ["session_token"] = "token",
            ["expiration"] = now.ToUnixTimeSeconds() + Lifetime,
            ["wallet"] = "0x",
            ["role_arn"] = "arn:aws:iam::000000000000:role/r",
            ["audit_record_id"] = "aud_1",
        }));
    }

    private ResponseMessage Read(IRequestMessage request)
    {
        // Authorization: AWS4-HMAC-SHA256 Credential=<key>/<date>/…
        var authorization = request.Headers!["Authorization"].Single();
        var key = authorization.Split("Credential=")[1].Split('/')[0];
        _used.Enqueue((key, DateTimeOffset.UtcNow));
        return Json("{}");
    }

    private static ResponseMessage Json(string body) => new()
    {
        StatusCode = 200,
        Headers = new Dictionary<string, WireMock.Types.WireMockList<string>>
        {
            ["Content-Type"] = new("application/json"),
        },
        BodyData = new WireMock.Util.BodyData
        {
            BodyAsString = body,
            DetectedBodyType = WireMock.Types.BodyType.String,
            Encoding = System.Text.Encoding.UTF8,
        },
    };
}
