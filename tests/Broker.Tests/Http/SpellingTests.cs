using Broker.Tests.Hosting;

namespace Broker.Tests.Http;

/// <summary>
/// One spelling for each address: what a proxy fences is what the broker serves (RFC 3986 §6.2.2.1). Walks every route
/// that is mapped, over a socket, so that no client tidies what is sent.
/// </summary>
public sealed class SpellingTests(SharedBroker shared) : IClassFixture<SharedBroker>
{
    private readonly BrokerApp _broker = shared.App;

    [Fact]
    public async Task Every_route_answers_at_its_own_spelling_and_at_no_other()
    {
        var walk = await WalkAsync();
        walk.Routes.Count.ShouldBeGreaterThan(15);
        await walk.KnowsOneSpellingAsync(
            nothingYet: ["/ledger/checkpoint/witnessed", "/.well-known/issuer-attestation"]);
    }

    [Fact]
    public async Task Every_route_with_GET_takes_HEAD_and_answers_the_same_without_a_body() =>
        await (await WalkAsync()).TakesHeadWhereverGetAsync();

    [Fact]
    public async Task Whatever_a_route_answers_is_kept_by_no_cache_unless_anybody_may_read_it()
    {
        foreach (var (method, path) in _broker.Routes)
        {
            if (path.StartsWith("/.well-known/", StringComparison.Ordinal)
                || path.StartsWith("/ledger/", StringComparison.Ordinal)
                || path.StartsWith("/openapi/", StringComparison.Ordinal)) continue;
            (await RawHttp.SendAsync(_broker.Address, method, path))
                .ShouldContain("Cache-Control: no-store", Case.Sensitive, path);
        }
    }

    [Fact]
    public async Task A_content_length_with_a_sign_is_refused_and_the_request_behind_it_is_not_answered()
    {
        var answer = await RawHttp.SendAsync(
            _broker.Address,
            "POST /v1/auth/wallet/start HTTP/1.1\r\nHost: x\r\nContent-Length: +2\r\n\r\n{}"
            + "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        answer.ShouldStartWith("HTTP/1.1 400");
        answer.ShouldNotContain("200 OK");
    }

    private Task<ListenerWalk> WalkAsync() =>
        ListenerWalk.OfAsync(_broker.Address, fill: pattern => [BrokerApp.Filled(pattern)]);
}
