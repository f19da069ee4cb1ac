using System.Collections.Frozen;
using Broker.Foundation.Results;
using Broker.Ledger;

namespace Broker.Capabilities;

/// <summary>
/// Gates from a file, for hosts without a chain. The file is looked at for each capability and read again when it has
/// changed; one that cannot be used changes nothing, and the log and <c>/readyz</c> say so.
/// </summary>
internal sealed partial class StaticGates : ICapabilityGates
{
    private const uint CapabilityMint = 0x01;

    private readonly string _path;
    private readonly ILogger<StaticGates> _log;
    private readonly Lock _reading = new();
    private (DateTime Written, long Length) _seen;
    private volatile Table _table;

    /// <exception cref="FormatException">The file is not usable.</exception>
    public StaticGates(CapabilityOptions options, ILogger<StaticGates> log)
    {
        _path = options.StaticPath!;
        _log = log;
        _seen = State();
        _table = new Table(StaticGatesFile.Read(_path));
    }

    /// <summary>Why the file as it is now is not used; null where it is.</summary>
    public string? Fault { get; private set; }

    public ValueTask<Result<CapabilityFacts>> LookAsync(CapabilityWish wish, CancellationToken stop)
    {
        ReadAgain();
        return ValueTask.FromResult<Result<CapabilityFacts>>(_table.Of(wish));
    }

    /// <summary>Reads the file where it has changed.</summary>
    public void ReadAgain()
    {
        lock (_reading)
        {
            var now = State();
            if (now == _seen) return;
            _seen = now;
            try
            {
                _table = new Table(StaticGatesFile.Read(_path));
                Fault = null;
                LogTaken(_log, _path);
            }
            catch (FormatException wrong)
            {
                Fault = wrong.Message;
                LogNotTaken(_log, _path, wrong.Message);
            }
        }
    }

    /// <summary>Another value whenever the file may have changed.</summary>
    private (DateTime Written, long Length) State()
    {
        var file = new FileInfo(_path);
        return file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "the gates of {Path} are in force")]
    private static partial void LogTaken(ILogger log, string path);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Path} {Reason}; the gates before it stay in force")]
    private static partial void LogNotTaken(ILogger log, string path, string reason);

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

        public CapabilityFacts Of(CapabilityWish wish) => new(
            _devices.GetValueOrDefault(wish.DeviceKeyHash),
            wish.Operator == wish.Actor || IsInScope(wish.Operator, wish.Actor, wish.Service), written.Epoch);

        private bool IsInScope(ActorOmni master, ActorOmni actor, string service) =>
            _scopes.Contains((master.ToString(), actor.ToString(), service));
    }
}
