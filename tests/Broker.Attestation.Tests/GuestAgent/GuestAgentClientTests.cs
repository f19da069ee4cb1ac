using Broker.Attestation.Evidence;
using Broker.Attestation.GuestAgent;
using Broker.Attestation.VirtualMachine;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Broker.Attestation.Tests.GuestAgent;

/// <summary>The client against a real socket and a real port, with an agent that answers as each test says.</summary>
public sealed class GuestAgentClientTests : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("agent-").FullName;
    private readonly List<WebApplication> _agents = [];
    private string _asked = "";

    public async ValueTask DisposeAsync()
    {
        foreach (var agent in _agents) await agent.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Asks_for_an_attestation_over_socket_and_HTTP(bool overSocket)
    {
        using var client = await StartAsync("{\"attestation\":\"00FF\",\"more\":1}", overSocket: overSocket);

        (await client.AttestAsync(new byte[] { 1, 2 }, CancellationToken.None)).Value.ShouldBe([0, 0xff]);
        _asked.ShouldBe("POST /Attest?json {\"report_data\":\"0102\"}");
    }

    [Fact]
    public async Task Asks_for_a_description()
    {
        using var client = await StartAsync(
            "{\"app_id\":\"aa\",\"tcb_info\":\"{}\",\"vm_config\":\"{\\\"cpu_count\\\":1}\"}");

        var description = (await client.InfoAsync(CancellationToken.None)).Value.ShouldNotBeNull();
        (description.VmConfig, description.AppId, description.InstanceId).ShouldBe(("{\"cpu_count\":1}", "aa", null));
        _asked.ShouldBe("POST /Info?json {}");
    }

    [FixtureFact]
    public async Task Asks_for_a_quote_and_makes_an_attestation_of_it()
    {
        using var client = await StartAsync(
            await File.ReadAllTextAsync(Fixtures.File("kms", "verifier", "quote-report.json")));

        var quote = (await client.GetQuoteAsync(new byte[64], CancellationToken.None)).Value.ShouldNotBeNull();
        var attestation = quote.ToAttestation().Value.ShouldNotBeNull();
        attestation.RuntimeEvents.Count.ShouldBe(8);
        VmConfig.Parse(attestation.Config).Value.ShouldNotBeNull().CpuCount.ShouldBe(16u);
    }

    [Theory]
    [InlineData(500, "{}", "Invalid status code: 500, path=/Attest")]
    [InlineData(302, "{}", "Invalid status code: 302, path=/Attest")]
    [InlineData(200, "null", "guest agent answered Attest with something else: not JSON")]
    [InlineData(200, "{}", "guest agent answered Attest with something else: ")]
    [InlineData(200, "{\"attestation\":\"zz\"}", "guest agent answered Attest with something else: ")]
    [InlineData(200, "{\"attestation\":12}", "guest agent answered Attest with something else: ")]
    [InlineData(
        200, "{\"attestation\":\"00\",\"attestation\":\"ff\"}", "guest agent answered Attest with something else: ")]
    [InlineData(200, "<html>", "guest agent answered Attest with something else: ")]
    public async Task Says_what_the_agent_did_instead(int status, string body, string error)
    {
        using var client = await StartAsync(body, status);

        (await client.AttestAsync(new byte[64], CancellationToken.None)).Error.ShouldNotBeNull().ShouldStartWith(error);
    }

    [Fact]
    public async Task Gives_up_on_an_answer_above_its_bound()
    {
        using var client = await StartAsync(
            $"{{\"attestation\":\"{new string('0', (2 * VersionedAttestation.MaxLength) + 70_000)}\"}}");

        (await client.AttestAsync(new byte[64], CancellationToken.None)).Error
            .ShouldNotBeNull().ShouldStartWith("guest agent at unix:/");
    }

    [Fact]
    public async Task Gives_up_on_an_agent_that_does_not_answer()
    {
        using var client = await StartAsync(null, timeout: TimeSpan.FromMilliseconds(200));

        (await client.InfoAsync(CancellationToken.None)).Error.ShouldBe("guest agent did not answer Info within 0.2 s");
    }

    [Fact]
    public async Task Says_that_there_is_no_agent()
    {
        using var client = new GuestAgentClient(GuestAgentAddress.Parse($"unix:{_folder}/none.sock").Value!);

        (await client.AttestAsync(default, CancellationToken.None)).Error
            .ShouldNotBeNull().ShouldStartWith("guest agent at unix:/");
    }

    [Theory]
    [InlineData("unix:/run/agent.sock", "unix:/run/agent.sock")]
    [InlineData("http://127.0.0.1:8090", "http://127.0.0.1:8090/")]
    [InlineData("http://127.0.0.1:8090/agent/", "http://127.0.0.1:8090/agent/")]
    [InlineData("unix:", null)]
    [InlineData("/run/agent.sock", null)]
    [InlineData("ftp://host", null)]
    public void Reads_an_address(string text, string? expected)
        => GuestAgentAddress.Parse(text).Value?.ToString().ShouldBe(expected);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void Without_the_variable_it_is_a_socket_of_the_guest(string? variable)
        => GuestAgentAddress.Find(variable).Value!.ToString()
            .ShouldBeOneOf("unix:/var/run/dstack/dstack.sock", "unix:/var/run/dstack.sock");

    private async Task<GuestAgentClient> StartAsync(
        string? body, int status = 200, bool overSocket = true, TimeSpan? timeout = null)
    {
        var socket = Path.Combine(_folder, "agent.sock");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(overSocket ? $"http://unix:{socket}" : "http://127.0.0.1:0");
        var agent = builder.Build();
        _agents.Add(agent);
        agent.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            var asked = context.Request;
            _asked = $"{asked.Method} {asked.Path}{asked.QueryString} {await reader.ReadToEndAsync()}";
            if (body is null) await Task.Delay(Timeout.Infinite, context.RequestAborted);
            context.Response.StatusCode = status;
            await context.Response.WriteAsync(body!);
        });
        await agent.StartAsync();
        return new GuestAgentClient(
            GuestAgentAddress.Parse(overSocket ? $"unix:{socket}" : agent.Urls.Single()).Value!, timeout);
    }
}
