using System.Collections.Frozen;
using Broker.Configuration;
using Broker.Foundation.Results;
using Broker.Ledger;

namespace Broker.Capabilities;

/// <summary>
/// Gates from a file, for hosts without a chain. It is read again when it has changed; one that cannot be used changes
/// nothing, and the log and <c>/readyz</c> say so.
/// </summary>
internal sealed class StaticGates : ICapabilityGates
{
    private const uint CapabilityMint = 0x01;

    private readonly LiveFile<Table> _file;

    /// <exception cref="FormatException">The file is not usable.</exception>
    public StaticGates(CapabilityOptions options, ILogger<StaticGates> log) =>
        _file = new LiveFile<Table>(options.StaticPath!, Read, Read(options.StaticPath!), log);

    /// <summary>Why the file as it is now is not used; null where it is.</summary>
    public string? Fault => _file.Fault;

    public ValueTask<Result<CapabilityFacts>> LookAsync(CapabilitySubject subject, CancellationToken stop) =>
        ValueTask.FromResult<Result<CapabilityFacts>>(_file.Current.Of(subject));

    private static Table Read(string path) => new(StaticGatesFile.Read(path));

    private sealed class Table(WrittenGates written)
    {
        private readonly FrozenDictionary<string, DeviceRecord> _devices = written.Devices.ToFrozenDictionary(
            one => $"0x{StaticGatesFile.Normal(one.DeviceKeyHash)}",
            one => new DeviceRecord(
                StaticGatesFile.Normal(one.Operator), StaticGatesFile.Normal(one.Actor),
                (one.Roles & CapabilityMint) != 0, one.IsRevoked),
            StringComparer.Ordinal);

        private readonly FrozenSet<(string, string, string)> _scopes = written.Scopes
            .SelectMany(one => one.Services.Select(service => (
                StaticGatesFile.Normal(one.Operator), StaticGatesFile.Normal(one.Actor), service.ToLowerInvariant())))
            .ToFrozenSet();

        public CapabilityFacts Of(CapabilitySubject subject) => new(
            _devices.GetValueOrDefault(subject.DeviceKeyHash),
            subject.IsMasterItself || IsInScope(subject.Operator, subject.Actor, subject.Service), written.Epoch);

        private bool IsInScope(ActorOmni master, ActorOmni actor, string service) =>
            _scopes.Contains((master.ToString(), actor.ToString(), service));
    }
}
