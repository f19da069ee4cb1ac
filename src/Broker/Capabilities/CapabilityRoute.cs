namespace Broker.Capabilities;

/// <summary>A route of capabilities: what its capability lets a worker do (contract §2.17).</summary>
/// <param name="Name">Behind <c>/v1/cap/</c>.</param>
/// <param name="DataClass">Null where the request names it.</param>
internal sealed record CapabilityRoute(string Name, string Op, string? DataClass, string Summary)
{
    public const string Credentials = "credentials";

    private const string Teardown = "teardown";

    /// <summary>The data classes of the contract.</summary>
    public static readonly string[] DataClasses = [Credentials, "memory", "config", "channel"];

    /// <summary>
    /// The routes whose meaning the contract gives. <c>canonical-sts</c> and <c>inbox-sts</c> are names without one.
    /// The op <c>teardown</c> is one without a route there; those that end in it are ours.
    /// </summary>
    public static IReadOnlyList<CapabilityRoute> All { get; } =
    [
        new("cred-store", "store", Credentials, "A capability to store a credential; of the master itself"),
        new("cred-fetch", "fetch", Credentials, "A capability to fetch a credential"),
        new("memory-put", "store", "memory", "A capability to put a memory"),
        new("memory-get", "fetch", "memory", "A capability to get a memory"),
        new("memory-append", "append", "memory", "A capability to append to a memory"),
        new("canonical-memory-get", "canonical_fetch", "memory", "A capability to get a canonical memory"),
        new("config-store", "store", "config", "A capability to store a configuration"),
        new("config-fetch", "fetch", "config", "A capability to fetch a configuration"),
        new("classify", "classify", null, "A capability to classify data of a class"),
        new("channel-pub", "channel_publish", "channel", "A capability to publish to a channel"),
        new("channel-sub", "channel_subscribe", "channel", "A capability to subscribe to a channel"),
        new("cred-teardown", Teardown, Credentials, "A capability to delete all credentials of an actor"),
        new("memory-teardown", Teardown, "memory", "A capability to delete all memories of an actor"),
        new("config-teardown", Teardown, "config", "A capability to delete all configurations of an actor"),
    ];

    /// <summary>Storing a credential is for the master alone, with its own omni as the actor.</summary>
    public bool IsOfMasterItself => Op == "store" && DataClass == Credentials;

    /// <summary>It takes a whole prefix away, so an agent has no say in it.</summary>
    public bool IsOfOperator => Op == Teardown;
}
