using Broker.Attestation.Decoding;
using Broker.Attestation.GuestAgent;
using Broker.Foundation.Results;

namespace Broker.Kms.Machine;

/// <summary>dstack's guest agent. Whatever it does instead of answering is a refusal, as of any backend.</summary>
internal sealed class DstackGuestAgent(GuestAgentAddress address) : IGuestAgent, IDisposable
{
    private readonly GuestAgentClient _client = new(address, TimeSpan.FromSeconds(30));

    public async Task<Result<byte[]>> AttestAsync(ReadOnlyMemory<byte> reportData, CancellationToken stop) =>
        VerdictOn(await _client.AttestAsync(reportData, stop));

    public async Task<Result<string>> VmConfigAsync(CancellationToken stop)
    {
        var description = await _client.InfoAsync(stop);
        return VerdictOn(description.Succeeded
            ? description.Value.VmConfig ?? Decoded<string>.Refused("guest agent does not tell vm_config")
            : description.RefusedAs<string>());
    }

    public void Dispose() => _client.Dispose();

    private static Result<T> VerdictOn<T>(Decoded<T> answer)
        where T : class =>
        answer.Succeeded ? answer.Value : new Refusal(MachineRefusals.AgentUnavailable, answer.Error);
}
