using System.Text.Json;

namespace Broker.Tests.Capabilities;

/// <summary>A file of static gates that a test edits.</summary>
internal sealed class GatesFile(string path)
{
    private readonly List<object> _devices = [], _scopes = [];

    public string Path => path;

    public long Epoch { get; set; } = 7;

    public GatesFile Device(string hash, string master, string actor, int roles = 1, bool revoked = false)
    {
        _devices.Add(new
        {
            device_key_hash = hash,
            operator_omni = $"0x{master}",
            actor_omni = $"0x{actor}",
            roles,
            revoked,
        });
        return this;
    }

    public GatesFile Scope(string master, string actor, params string[] services)
    {
        _scopes.Add(new { operator_omni = $"0x{master}", actor_omni = $"0x{actor}", services });
        return this;
    }

    public GatesFile Clear()
    {
        _devices.Clear();
        _scopes.Clear();
        return this;
    }

    public GatesFile Write() =>
        Write(JsonSerializer.Serialize(new { k3_epoch = Epoch, devices = _devices, scopes = _scopes }));

    public GatesFile Write(string text)
    {
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return this;
    }
}
