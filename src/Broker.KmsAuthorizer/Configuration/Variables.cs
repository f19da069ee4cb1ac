namespace Broker.KmsAuthorizer.Configuration;

/// <summary>Every setting of the authorizer. The reader and <c>--help</c> both go by this list.</summary>
internal static class Variables
{
    public static readonly Variable Bind = new("BROKER_KMS_AUTH_BIND", "HOST", "127.0.0.1",
        "IP address to listen on. The answers decide who gets keys: leave it on loopback unless the KMS is elsewhere.");

    public static readonly Variable Port = new("BROKER_KMS_AUTH_PORT", "PORT", "9200",
        "TCP port, 0 to 65535; 0 takes a free one.");

    public static readonly Variable Backend = new("BROKER_KMS_AUTH_BACKEND", null, "config",
        "Who decides: 'config' (a JSON file, as auth-simple) or 'ethereum' (a contract, as auth-eth).");

    public static readonly Variable ConfigPath = new("BROKER_KMS_AUTH_CONFIG_PATH", "AUTH_CONFIG_PATH",
        "./auth-config.json",
        "config: the policy file, read again for every request. Missing or malformed: everything is denied.");

    public static readonly Variable RpcUrl = new("BROKER_KMS_AUTH_ETH_RPC_URL", "ETH_RPC_URL", null,
        "ethereum: the node's JSON-RPC address. https, or http to this machine. Paths often hold an access key.")
    { IsSecret = true };

    public static readonly Variable RpcUrlFile = new("BROKER_KMS_AUTH_ETH_RPC_URL_FILE", null, null,
        "ethereum: a file that holds the address instead (systemd LoadCredential); empty counts as unset.");

    public static readonly Variable AllowHttp = new("BROKER_KMS_AUTH_ETH_ALLOW_HTTP", null, "false",
        "ethereum: 'true' permits plain http to another machine. Whoever is on that network then decides.");

    public static readonly Variable Contract = new("BROKER_KMS_AUTH_ETH_CONTRACT", "KMS_CONTRACT_ADDR", null,
        "ethereum: address of the DstackKms contract, 0x and 40 hex digits.");

    public static readonly Variable ChainId = new("BROKER_KMS_AUTH_ETH_CHAIN_ID", "ETH_CHAIN_ID", null,
        "ethereum: the chain the node must be on. Unset: not checked.");

    public static readonly Variable Finality = new("BROKER_KMS_AUTH_ETH_FINALITY", "ETH_FINALITY_CONFIRMATIONS",
        "finalized",
        "ethereum: the block to ask: 'finalized', 'safe', or a number of blocks below the newest (0 to 1000000).");

    public static readonly Variable MaxBlockAge = new("BROKER_KMS_AUTH_ETH_MAX_BLOCK_AGE", null, "3600",
        "ethereum: seconds; an older block is no answer, since a stalled node keeps revoked measurements. 0: any.");

    public static readonly Variable Timeout = new("BROKER_KMS_AUTH_ETH_TIMEOUT", null, "10",
        "ethereum: seconds for one decision, 1 to 60; later is a denial.");

    public static readonly IReadOnlyList<Variable> All =
    [
        Bind, Port, Backend, ConfigPath, RpcUrl, RpcUrlFile, AllowHttp, Contract, ChainId, Finality, MaxBlockAge,
        Timeout,
    ];
}
