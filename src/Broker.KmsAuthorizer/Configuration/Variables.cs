namespace Broker.KmsAuthorizer.Configuration;

/// <summary>
/// Every setting of the authorizer. The reader and <c>--help</c> go by this list; the broker's project compiles it in as
/// well, to print <c>broker.env.example</c>.
/// </summary>
internal static class Variables
{
    public static readonly Variable Bind = new("BROKER_KMS_AUTH_BIND", "HOST", "127.0.0.1",
        "IP address to listen on. The answers decide who gets keys: leave it on loopback unless the KMS is elsewhere.",
        "an IP address, for example 127.0.0.1");

    public static readonly Variable Port = new("BROKER_KMS_AUTH_PORT", "PORT", "9200",
        "TCP port; 0 takes a free one.",
        "a port from 0 to 65535");

    public static readonly Variable Backend = new("BROKER_KMS_AUTH_BACKEND", null, "config",
        "Who decides: 'config' (a JSON file, as auth-simple) or 'ethereum' (a contract, as auth-eth).",
        "either 'config' or 'ethereum'");

    public static readonly Variable ConfigPath = new("BROKER_KMS_AUTH_CONFIG_PATH", "AUTH_CONFIG_PATH",
        "./auth-config.json",
        "config: the policy file, read again for every request. Missing or malformed: everything is denied.",
        "a path of a file, not of a folder");

    public static readonly Variable RpcUrl = new("BROKER_KMS_AUTH_ETH_RPC_URL", "ETH_RPC_URL", null,
        "ethereum: the node's JSON-RPC address. Paths often hold an access key.",
        "the node's address, https://…, or http:// to this machine")
    { IsSecret = true };

    public static readonly Variable RpcUrlFile = new("BROKER_KMS_AUTH_ETH_RPC_URL_FILE", null, null,
        "ethereum: a file that holds the address instead (systemd LoadCredential); empty counts as unset.",
        "a path of a file of at most 4096 bytes that others may not read");

    public static readonly Variable AllowHttp = new("BROKER_KMS_AUTH_ETH_ALLOW_HTTP", null, "false",
        "ethereum: 'true' permits plain http to another machine. Whoever is on that network then decides.",
        "true or false");

    public static readonly Variable Contract = new("BROKER_KMS_AUTH_ETH_CONTRACT", "KMS_CONTRACT_ADDR", null,
        "ethereum: address of the DstackKms contract.",
        "an address other than zero: 0x and 40 hex digits, the checksum right if in mixed case");

    public static readonly Variable ChainId = new("BROKER_KMS_AUTH_ETH_CHAIN_ID", "ETH_CHAIN_ID", null,
        "ethereum: the chain the node must be on. Unset: not checked.",
        "a chain id, for example 1");

    public static readonly Variable Finality = new("BROKER_KMS_AUTH_ETH_FINALITY", "ETH_FINALITY_CONFIRMATIONS",
        "finalized",
        "ethereum: the block to ask: 'finalized', 'safe', or so many blocks below the newest.",
        "'finalized', 'safe' or a number from 0 to 1000000");

    public static readonly Variable MaxBlockAge = new("BROKER_KMS_AUTH_ETH_MAX_BLOCK_AGE", null, "3600",
        "ethereum: an older block is no answer, since a stalled node keeps revoked measurements. 0: any.",
        "seconds, 0 to 31536000");

    public static readonly Variable Timeout = new("BROKER_KMS_AUTH_ETH_TIMEOUT", null, "10",
        "ethereum: time for one decision; later is a denial.",
        "seconds, 1 to 60");

    public static readonly IReadOnlyList<Variable> All =
    [
        Bind, Port, Backend, ConfigPath, RpcUrl, RpcUrlFile, AllowHttp, Contract, ChainId, Finality, MaxBlockAge,
        Timeout,
    ];
}
