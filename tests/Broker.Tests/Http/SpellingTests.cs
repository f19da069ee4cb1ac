using System.Net.Sockets;
using System.Text;
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
        var routes = _broker.Routes.ToArray();
        routes.Length.ShouldBeGreaterThan(15);
        foreach (var (method, path) in routes)
        {
            (await StatusAsync(method, path)).ShouldNotBe(405, $"{method} {path}");
            foreach (var other in OtherSpellings(path).Where(other => other != path))
                (await StatusAsync(method, other)).ShouldBe(404, $"{method} {other}");
        }
    }

    [Fact]
    public async Task Every_route_with_GET_takes_HEAD_and_answers_the_same_without_a_body()
    {
        foreach (var (_, path) in _broker.Routes.Where(route => route.Method == "GET"))
        {
            var get = await SendAsync("GET", path);
            var head = await SendAsync("HEAD", path);

            head[..12].ShouldBe(get[..12], path);
            head.ShouldEndWith("\r\n\r\n");
        }
    }

    [Fact]
    public async Task Whatever_a_route_answers_is_kept_by_no_cache_unless_anybody_may_read_it()
    {
        foreach (var (method, path) in _broker.Routes)
        {
            if (path.StartsWith("/.well-known/", StringComparison.Ordinal)
                || path.StartsWith("/ledger/", StringComparison.Ordinal)
                || path.StartsWith("/openapi/", StringComparison.Ordinal)) continue;
            (await SendAsync(method, path)).ShouldContain("Cache-Control: no-store", Case.Sensitive, path);
        }
    }

    [Fact]
    public async Task A_content_length_with_a_sign_is_refused_and_the_request_behind_it_is_not_answered()
    {
        var answer = await SendRawAsync(
            "POST /v1/auth/wallet/start HTTP/1.1\r\nHost: x\r\nContent-Length: +2\r\n\r\n{}"
            + "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        answer.ShouldStartWith("HTTP/1.1 400");
        answer.ShouldNotContain("200 OK");
    }

    private static IEnumerable<string> OtherSpellings(string path)
    {
        yield return path.ToUpperInvariant();
        yield return path[..2].ToUpperInvariant() + path[2..];
        yield return path + "/";
        yield return "/" + path;
        yield return path.Insert(path.LastIndexOf('/'), "/");
        yield return "/." + path;
        yield return "/x/.." + path;
        yield return path + "/.";
        yield return path + "/x/..";
        yield return $"{path[..^1]}%{(int)path[^1]:X2}";
        yield return path.Insert(path.Length, "%20");
    }

    private async Task<int> StatusAsync(string method, string target) =>
        int.Parse((await SendAsync(method, target)).AsSpan(9, 3), System.Globalization.CultureInfo.InvariantCulture);

    private Task<string> SendAsync(string method, string target) => SendRawAsync(
        $"{method} {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");

    private async Task<string> SendRawAsync(string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(_broker.Address.Host, _broker.Address.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return await reader.ReadToEndAsync();
    }
}
