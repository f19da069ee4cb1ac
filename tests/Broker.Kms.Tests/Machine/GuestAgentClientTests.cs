using Broker.Kms.Machine;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Broker.Kms.Tests.Machine;

/// <summary>The guest agent's client against a socket on disk.</summary>
public sealed class GuestAgentClientTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _asked = [];
    private WebApplication _agent = null!;
    private Func<HttpContext, Task> _answer = http => http.Response.WriteAsync("{\"attestation\":\"00ff\",\"vm_config\":\"{}\"}");

    private string Socket => _folder.File("dstack.sock");

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(Socket));
        _agent = builder.Build();
        _agent.Run(async http =>
        {
            using var body = new StreamReader(http.Request.Body);
            _asked.Add($"{http.Request.Method} {http.Request.Path}{http.Request.QueryString} {await body.ReadToEndAsync()}");
            await _answer(http);
        });
        await _agent.StartAsync();
    }

    [Theory]
    [InlineData("unix:")]
    [InlineData("")]
    public async Task Asks_for_evidence_over_the_given_bytes(string scheme)
    {
        using var client = new GuestAgentClient(scheme + Socket);

        (await client.AttestAsync(new byte[] { 0xab, 0xcd }, CancellationToken.None)).Value.ShouldBe([0x00, 0xff]);
        (await client.VmConfigAsync(CancellationToken.None)).Value.ShouldBe("{}");

        _asked.ShouldBe(["POST /Attest?json {\"report_data\":\"abcd\"}", "POST /Info?json {}"]);
    }

    [Theory]
    [InlineData(500, "{}", "Invalid status code: 500 Internal Server Error, path=/Attest?json")]
    [InlineData(200, "{}", "has no text attestation")]
    [InlineData(200, "[]", "has no text attestation")]
    [InlineData(200, "{\"attestation\":\"0\"}", "is not hex")]
    [InlineData(200, "<html>", "answers no JSON")]
    public async Task An_agent_without_a_proper_answer_is_a_refusal(int status, string body, string text)
    {
        _answer = http =>
        {
            http.Response.StatusCode = status;
            return http.Response.WriteAsync(body);
        };
        using var client = new GuestAgentClient($"unix:{Socket}");

        (await client.AttestAsync(new byte[64], CancellationToken.None)).Refusal!.Text.ShouldContain(text);
    }

    [Fact]
    public async Task No_agent_is_a_refusal_that_names_the_socket()
    {
        using var client = new GuestAgentClient("unix:/no/such.sock");

        (await client.VmConfigAsync(CancellationToken.None)).Refusal!.Text
            .ShouldStartWith("cannot reach the guest agent at /no/such.sock: ");
    }

    public async Task DisposeAsync()
    {
        await _agent.DisposeAsync();
        _folder.Dispose();
    }
}
