using Broker.Configuration;
using Broker.Foundation.Settings;
using Broker.OAuth.Clients;
using Broker.Roles;

namespace Broker.OAuth.ForeignIssuers;

/// <summary>The issuers as the file has them at the start; none where the operator names no file.</summary>
internal sealed record IssuersAtStart(
    string? Path, IssuersReading Reading, IReadOnlyDictionary<string, ForeignIssuer> Issuers)
{
    /// <exception cref="BootFailException">The file is not usable.</exception>
    public static IssuersAtStart Read(BootEnvironment boot, IssuersReading reading)
    {
        if (boot.ReadOptional(OAuthSettings.ForeignIssuersFile) is not { } path)
            return new IssuersAtStart(null, reading, new Dictionary<string, ForeignIssuer>());
        try
        {
            return new IssuersAtStart(path, reading, ForeignIssuersFile.Read(path, reading));
        }
        catch (FormatException wrong)
        {
            throw BootFailException.At(OAuthSettings.ForeignIssuersFile, path, wrong.Message, wrong);
        }
    }
}

/// <summary>The issuers as they are now: their file is read again when it has changed.</summary>
internal sealed class LiveIssuers
{
    private readonly LiveFile<IReadOnlyDictionary<string, ForeignIssuer>>? _file;
    private readonly IReadOnlyDictionary<string, ForeignIssuer> _atStart;

    public LiveIssuers(IssuersAtStart atStart, LiveRoles roles, ILogger<LiveIssuers> log)
    {
        _atStart = atStart.Issuers;
        if (atStart.Path is { } path)
        {
            _file = new LiveFile<IReadOnlyDictionary<string, ForeignIssuer>>(
                path, changed => ForeignIssuersFile.Read(changed, atStart.Reading with { Roles = roles.Current }),
                _atStart, log);
        }
    }

    /// <summary>Why the file as it is now is not used; null where it is, or where there is none.</summary>
    public string? Fault => _file?.Fault;

    /// <summary>Null for an issuer that the file does not have, or no more.</summary>
    public ForeignIssuer? Find(string name) => (_file?.Current ?? _atStart).GetValueOrDefault(name);
}
