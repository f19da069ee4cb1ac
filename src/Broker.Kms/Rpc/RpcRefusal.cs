using Broker.Foundation.Results;

namespace Broker.Kms.Rpc;

/// <summary>Refusals that several methods share.</summary>
internal static class RpcRefusal
{
    public static readonly Refusal NotAttested = new("No attestation provided", LedgerOutcome.AuthFailed);

    public static Refusal UnsupportedVersion(uint version) =>
        new($"Unsupported API version: {version}", LedgerOutcome.BadRequest);
}
