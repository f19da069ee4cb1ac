using Broker.Foundation.Settings;

namespace Broker.OAuth.Clients;

/// <summary>The clients of this process; none where the operator names no file.</summary>
internal sealed class OAuthClients(IEnumerable<OAuthClient> clients)
{
    private readonly Dictionary<string, OAuthClient> _clients =
        clients.ToDictionary(client => client.ClientId, StringComparer.Ordinal);

    public IEnumerable<OAuthClient> All => _clients.Values;

    public OAuthClient? Find(string clientId) => _clients.GetValueOrDefault(clientId);

    /// <exception cref="BootFailException">The file is not usable.</exception>
    public static OAuthClients Read(BootEnvironment boot) =>
        new(boot.ReadOptional(OAuthSettings.ClientsFile) is { } path ? ClientsFile.Read(path) : []);
}
