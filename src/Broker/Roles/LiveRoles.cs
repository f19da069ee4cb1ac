using Broker.Configuration;

namespace Broker.Roles;

/// <summary>The catalogue as it is now: its file is read again when it has changed.</summary>
internal sealed class LiveRoles(RoleCatalogue atStart, ILogger<LiveRoles> log)
{
    private readonly LiveFile<RoleCatalogue>? _file = atStart.Path is { } path
        ? new LiveFile<RoleCatalogue>(path, atStart.ReadAgain, atStart, log)
        : null;

    public RoleCatalogue Current => _file?.Current ?? atStart;

    /// <summary>Why the file as it is now is not used; null where it is, or where there is none.</summary>
    public string? Fault => _file?.Fault;
}
