using Broker.Capabilities;
using Broker.Configuration;
using Broker.Foundation.Settings;
using Broker.Roles;

namespace Broker.DataClasses;

/// <summary>
/// A class of data that a service keeps: envelopes in a bucket of its own, under a key of its own (contract §11.5).
/// </summary>
/// <param name="Module">Its name in <c>BROKER_MODULES</c>, and in its routes and objects.</param>
/// <param name="Name">The <c>data_class</c> of its capabilities.</param>
/// <param name="Store">The last part of the route that stores; those of fetching and tearing down follow it.</param>
/// <param name="BucketMember">The bucket's name in <c>/healthz</c>.</param>
internal sealed record DataClass(
    string Module, string Name, string Store, string Fetch, string BucketMember, Setting<int> Port,
    Setting<string> Bucket, Setting<DataKey> Kek)
{
    private const string MemoryService = "memory:";

    public static readonly DataClass Cred = new(
        ProcessParts.CredName, CapabilityRoute.Credentials, "store", "fetch", "vault_bucket", DataSettings.CredPort,
        RoleSettings.VaultBucket, DataSettings.CredKek);

    public static readonly DataClass Memory = new(
        ProcessParts.MemoryName, "memory", "put", "get", "memory_bucket", DataSettings.MemoryPort,
        RoleSettings.MemoryBucket, DataSettings.MemoryKek);

    public static readonly DataClass Config = new(
        ProcessParts.ConfigName, "config", "put", "get", "config_bucket", DataSettings.ConfigPort,
        RoleSettings.ConfigBucket, DataSettings.ConfigKek);

    public static IReadOnlyList<DataClass> All { get; } = [Cred, Memory, Config];

    /// <summary>Where all its routes are, and nothing else.</summary>
    public string Prefix => $"/v1/{Module}/";

    /// <summary>The path at which the KMS derives its key.</summary>
    public string KmsPath => $"service/{Module}/kek/v1";

    /// <summary>Only a master itself has configurations, and only a master itself stores credentials.</summary>
    public bool IsOfMasterItself(DataOp op) => this == Config || (this == Cred && op == DataOp.Store);

    /// <summary>A memory's service is <c>memory:</c> and its namespace; any other class takes every service.</summary>
    public bool Keeps(string service) =>
        this != Memory
        || (service.StartsWith(MemoryService, StringComparison.Ordinal) && service.Length > MemoryService.Length);

    /// <summary>All that an actor has of this class.</summary>
    public string PrefixOf(CapabilitySubject subject) => $"bots/{subject.Actor}/{Name}/";

    /// <summary>Where an actor's data of a service lies.</summary>
    public string KeyOf(CapabilitySubject subject) => $"{PrefixOf(subject)}{subject.Service}.enc";
}

/// <summary>What a route does, as its capability names it.</summary>
internal enum DataOp
{
    Store,
    Fetch,
    Teardown,
}
