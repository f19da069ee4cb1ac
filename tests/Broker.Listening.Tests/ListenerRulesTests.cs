using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Broker.Listening.Tests;

/// <summary>A listener with the rules on, spoken to over a socket, so that nothing tidies what is sent.</summary>
public sealed class ListenerRulesTests : IAsyncLifetime
{
    private WebApplication _app = null!;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.RequireDigitsInContentLength();
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        _app = builder.Build();
        _app.UseHeadRequests();
        _app.UseOneSpelling();
        _app.UseRouting();
        _app.MapGet("/", () => "root");
        _app.MapGet("/plain/Text", () => "hello");
        _app.MapGet("/entries/{id}", (string id) => id);
        _app.MapGet("/files/{name}.json", (string name) => name);
        _app.MapGet("/tile/{**path}", (string path) => path);
        _app.MapPost("/sum", async (HttpRequest request) =>
        {
            using var reader = new StreamReader(request.Body);
            return (await reader.ReadToEndAsync()).Length;
        });
        await _app.StartAsync();
    }

    public async Task DisposeAsync() => await _app.DisposeAsync();

    [Theory]
    [InlineData("/", "root")]
    [InlineData("/?x=/y", "root")]
    [InlineData("/plain/Text", "hello")]
    [InlineData("/plain/Text?A=%2F..%2F", "hello")]
    [InlineData("/entries/01ABC", "01ABC")]
    [InlineData("/files/a.b.json", "a.b")]
    [InlineData("/tile/0/x001/067.p/3", "0/x001/067.p/3")]
    [InlineData("http://elsewhere.example/plain/Text", "hello")]
    public async Task Serves_the_spelling_of_the_route(string target, string body)
    {
        var answer = await SendAsync($"GET {target} HTTP/1.1");
        answer.ShouldStartWith("HTTP/1.1 200");
        answer.Split("\r\n\r\n", 2)[1].ShouldContain(body);
    }

    [Theory]
    [InlineData("/plain/text")]
    [InlineData("/PLAIN/Text")]
    [InlineData("/plain/Text/")]
    [InlineData("//plain/Text")]
    [InlineData("/plain//Text")]
    [InlineData("/./plain/Text")]
    [InlineData("/plain/x/../Text")]
    [InlineData("/plain/%2e%2e/plain/Text")]
    [InlineData("/plain/Te%78t")]
    [InlineData("/plain%2FText")]
    [InlineData("/plain/Text;v=1")]
    [InlineData("/Entries/01ABC")]
    [InlineData("/entries/01ABC/")]
    [InlineData("/entries//01ABC")]
    [InlineData("/entries/%30")]
    [InlineData("/entries/01ABC%2F")]
    [InlineData("/entries/a%2fb")]
    [InlineData("/tile/0%2F1")]
    [InlineData("/files/a.JSON")]
    [InlineData("/Tile/0")]
    [InlineData("//")]
    [InlineData("http://elsewhere.example/plain/text")]
    public async Task Knows_no_other_spelling(string target)
    {
        (await SendAsync($"GET {target} HTTP/1.1")).ShouldStartWith("HTTP/1.1 404");
        (await SendAsync($"PUT {target} HTTP/1.1")).ShouldStartWith("HTTP/1.1 404");
    }

    [Fact]
    public async Task Another_method_is_told_so_at_the_right_spelling_only()
    {
        (await SendAsync("PUT /plain/Text HTTP/1.1")).ShouldStartWith("HTTP/1.1 405");
        (await SendAsync("HEAD /sum HTTP/1.1")).ShouldStartWith("HTTP/1.1 405");
    }

    [Theory]
    [InlineData("/plain/Text")]
    [InlineData("/tile/0/1")]
    public async Task HEAD_has_the_headers_of_GET_and_no_body(string path)
    {
        var get = await SendAsync($"GET {path} HTTP/1.1");
        var head = await SendAsync($"HEAD {path} HTTP/1.1");

        head.ShouldStartWith("HTTP/1.1 200");
        head.ShouldEndWith("\r\n\r\n");
        Headers(head).ShouldBe(Headers(get));
    }

    [Theory]
    [InlineData("2", "200")]
    [InlineData("02", "200")]
    [InlineData("+2", "400")]
    [InlineData("-2", "400")]
    [InlineData("2 2", "400")]
    [InlineData("0x2", "400")]
    [InlineData("2,2", "400")]
    [InlineData("99999999999999999999", "400")]
    public async Task A_content_length_is_digits(string length, string status) =>
        (await SendAsync($"POST /sum HTTP/1.1\r\nContent-Length: {length}", "{}"))
            .ShouldStartWith($"HTTP/1.1 {status}");

    private static IEnumerable<string> Headers(string answer) => answer.Split("\r\n\r\n")[0].Split("\r\n")
        .Where(line => !line.StartsWith("Date:", StringComparison.Ordinal)
            && !line.StartsWith("Transfer-Encoding:", StringComparison.Ordinal)
            && !line.StartsWith("Content-Length:", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal);

    private async Task<string> SendAsync(string head, string body = "")
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, new Uri(_app.Urls.Single()).Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{head}\r\nHost: elsewhere.example\r\nConnection: close\r\n\r\n{body}"));
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return await reader.ReadToEndAsync();
    }
}
