using Broker.Attestation.Evidence;
using Broker.Foundation.Results;
using Broker.Kms.Configuration;
using Broker.Kms.Keys;
using Broker.Kms.Machine;

namespace Broker.Kms.Onboarding;

/// <summary>Fresh evidence of this machine, bound to a key and in the form that goes into a certificate.</summary>
/// <param name="Bytes">Null where the operator runs without (<c>attest_rpc_cert = false</c>).</param>
internal sealed record RpcEvidence(byte[]? Bytes)
{
    private const string NeedsMachine =
        "failed to get a quote for the KMS RPC certificate. The KMS attests itself through the dstack guest agent, so "
        + "it must run inside a dstack CVM. For local development set attest_rpc_cert = false";

    /// <summary>Evidence for the server's certificate, if the operator wants any.</summary>
    public static async Task<Result<RpcEvidence>> ForServerAsync(
        KmsOptions options, IGuestAgent agent, P256PrivateKey key, CancellationToken stop)
    {
        if (!options.AttestRpcCert) return new RpcEvidence((byte[]?)null);
        var evidence = await ForKeyAsync(agent, key, stop);
        return evidence.IsRefused ? evidence.Refusal.Within(NeedsMachine) : evidence;
    }

    /// <summary>Evidence for any certificate of ours.</summary>
    public static async Task<Result<RpcEvidence>> ForKeyAsync(
        IGuestAgent agent, P256PrivateKey key, CancellationToken stop)
    {
        var quoted = await agent.AttestAsync(ReportDataBinding.ForCertificate(key.SubjectPublicKeyInfo), stop);
        if (quoted.IsRefused) return quoted.Refusal;
        var evidence = VersionedAttestation.Decode(quoted.Value);
        return evidence.Succeeded
            ? new RpcEvidence(evidence.Value.StrippedForCertificate().Encode())
            : new Refusal(MachineRefusals.AgentUnavailable, evidence.Error);
    }
}
