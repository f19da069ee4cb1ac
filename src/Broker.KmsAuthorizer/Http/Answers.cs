namespace Broker.KmsAuthorizer.Http;

/// <summary>The answer to a boot request. A KMS needs the first three members, whatever the status code.</summary>
/// <param name="Detail">With an invalid request only: the field at fault.</param>
internal sealed record BootAnswer(
    bool IsAllowed,
    string Reason,
    string GatewayAppId,
    string? Detail = null);

/// <summary>The answer to <c>GET /</c>.</summary>
/// <param name="AppAuthImplementation">The same as <paramref name="AppImplementation"/>, under its old name.</param>
internal sealed record StatusAnswer(
    string Status,
    string KmsContractAddr,
    string? EthRpcUrl,
    string GatewayAppId,
    ulong ChainId,
    string AppAuthImplementation,
    string AppImplementation);

/// <summary>The answer to <c>GET /</c> when the authority cannot be reached.</summary>
internal sealed record StatusFault(string Status, string Message);

/// <summary>The answer to the operator's hand-made probe, <c>POST /</c>.</summary>
internal sealed record ProbeAnswer(bool Result);
