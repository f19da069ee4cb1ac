using Broker.Attestation.GuestAgent;
using Broker.Kms.Machine;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Broker.Kms.Tests.Machine;

/// <summary>What the KMS makes of the guest agent's answers; the agent is a stub on a socket on disk.</summary>
public sealed class DstackGuestAgentTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private WebApplication _stub = null!;
    private DstackGuestAgent _agent = null!;
    private string _answer = "";

    private string Socket => _folder.File("dstack.sock");

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(Socket));
        _stub = builder.Build();
        _stub.Run(http => http.Response.WriteAsync(_answer));
        await _stub.StartAsync();
        _agent = new DstackGuestAgent(GuestAgentAddress.Parse($"unix:{Socket}").Value!);
    }

    [Fact]
    public async Task Gives_evidence_and_the_machines_configuration()
    {
        _answer = """{"attestation":"00ff","vm_config":"{}"}""";

        (await _agent.AttestAsync(new byte[64], CancellationToken.None)).Value.ShouldBe([0x00, 0xff]);
        (await _agent.VmConfigAsync(CancellationToken.None)).Value.ShouldBe("{}");
    }

    [Fact]
    public async Task An_agent_without_a_proper_answer_is_a_refusal_of_a_backend()
    {
        _answer = """{"attestation":"0"}""";

        var evidence = await _agent.AttestAsync(new byte[64], CancellationToken.None);
        var configuration = await _agent.VmConfigAsync(CancellationToken.None);

        evidence.Refusal!.Detail.ShouldContain("answered Attest with something else");
        evidence.Refusal.Code.ShouldBe(MachineRefusals.AgentUnavailable);
        configuration.Refusal!.Detail.ShouldBe("guest agent does not tell vm_config");
    }

    [Fact]
    public async Task No_agent_is_a_refusal_that_names_the_socket()
    {
        using var agent = new DstackGuestAgent(GuestAgentAddress.Parse("unix:/no/such.sock").Value!);

        (await agent.AttestAsync(new byte[64], CancellationToken.None)).Refusal!.Detail
            .ShouldStartWith("guest agent at unix:/no/such.sock: ");
    }

    public async Task DisposeAsync()
    {
        _agent.Dispose();
        await _stub.DisposeAsync();
        _folder.Dispose();
    }
}
