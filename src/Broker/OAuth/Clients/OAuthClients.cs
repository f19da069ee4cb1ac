using Broker.Configuration;
using Broker.Foundation.Settings;
using Broker.OAuth.Protocol;
using Broker.Roles;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Broker.OAuth.Clients;

/// <summary>The clients as the file has them at the start; none where the operator names no file.</summary>
internal sealed record ClientsAtStart(string? Path, IReadOnlyList<OAuthClient> Clients)
{
    /// <exception cref="BootFailException">The file is not usable.</exception>
    public static ClientsAtStart Read(BootEnvironment boot, RoleCatalogue? roles)
    {
        if (boot.ReadOptional(OAuthSettings.ClientsFile) is not { } path) return new ClientsAtStart(null, []);
        try
        {
            return new ClientsAtStart(path, ClientsFile.Read(path, roles));
        }
        catch (FormatException wrong)
        {
            throw BootFailException.At(OAuthSettings.ClientsFile, path, wrong.Message, wrong);
        }
    }
}

/// <summary>
/// The clients of this process as they are now: the file is read again when it has changed, and a client whose id is an
/// address says there who it is.
/// </summary>
internal sealed class OAuthClients
{
    /// <summary>
    /// Our own command line, which every broker knows: public, for device codes alone. An entry of the file takes its
    /// place.
    /// </summary>
    private static readonly OAuthClient CommandLine = new("brokerctl", ClientAuthenticationMethods.None)
    {
        GrantTypes = [GrantTypes.DeviceCode],
        Scopes = [Scopes.OpenId],
    };

    private readonly LiveFile<IReadOnlyDictionary<string, OAuthClient>>? _file;
    private readonly IReadOnlyDictionary<string, OAuthClient> _atStart;
    private readonly ClientDocuments _documents;

    public OAuthClients(
        ClientsAtStart atStart, ClientDocuments documents, LiveRoles roles, ILogger<OAuthClients> log)
    {
        _documents = documents;
        _atStart = ById(atStart.Clients);
        if (atStart.Path is { } path)
        {
            _file = new LiveFile<IReadOnlyDictionary<string, OAuthClient>>(
                path, changed => ById(ClientsFile.Read(changed, roles.Current)), _atStart, log);
        }
    }

    public IEnumerable<OAuthClient> All => Current.Values;

    /// <summary>Why the file as it is now is not used; null where it is, or where there is none.</summary>
    public string? Fault => _file?.Fault;

    private IReadOnlyDictionary<string, OAuthClient> Current => _file?.Current ?? _atStart;

    /// <summary>A client of the file, our own command line, or one whose document was fetched.</summary>
    public OAuthClient? Known(string clientId) => NamesItsDocument(clientId)
        ? _documents.Find(clientId)
        : Current.GetValueOrDefault(clientId) ?? (clientId == CommandLine.ClientId ? CommandLine : null);

    /// <summary>The same; a document is fetched where it is not there.</summary>
    public ValueTask<OAuthClient?> FindAsync(string clientId) =>
        NamesItsDocument(clientId) ? _documents.FindAsync(clientId) : new(Known(clientId));

    /// <summary>Clients of the file have no address for an id.</summary>
    public static bool NamesItsDocument(string clientId) => clientId.Contains("://", StringComparison.Ordinal);

    private static Dictionary<string, OAuthClient> ById(IEnumerable<OAuthClient> clients) =>
        clients.ToDictionary(client => client.ClientId, StringComparer.Ordinal);
}
