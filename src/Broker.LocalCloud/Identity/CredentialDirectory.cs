using System.Collections.Concurrent;

namespace Broker.LocalCloud.Identity;

/// <summary>
/// Every access key that this cloud knows: the users', and those that STS has issued since the start. Issued keys live
/// in memory only and are forgotten some time after they expire.
/// </summary>
internal sealed class CredentialDirectory
{
    private const int SweepAbove = 10_000;
    private readonly ConcurrentDictionary<string, AccessKey> _keys = new(StringComparer.Ordinal);
    private readonly TimeProvider _clock;

    public CredentialDirectory(CloudResources resources, TimeProvider clock)
    {
        _clock = clock;
        foreach (var user in resources.Users)
            _keys[user.AccessKeyId] = new(
                user.AccessKeyId, user.SecretAccessKey, null, DateTimeOffset.MaxValue, new UserPrincipal(user));
    }

    /// <returns>The key, expired or not, or null.</returns>
    public AccessKey? Find(string accessKeyId) => _keys.GetValueOrDefault(accessKeyId);

    /// <summary>Makes fresh temporary credentials for a session.</summary>
    public AccessKey Issue(RoleSession session, TimeSpan lifetime)
    {
        var issued = new AccessKey(
            KeyMaterial.Id("ASIA"), KeyMaterial.Secret(), KeyMaterial.SessionToken(), session.IssuedAt + lifetime,
            session);
        _keys[issued.AccessKeyId] = issued;
        if (_keys.Count > SweepAbove) Sweep();
        return issued;
    }

    private void Sweep()
    {
        var longGone = _clock.GetUtcNow().AddHours(-1);
        foreach (var (id, key) in _keys)
        {
            if (key.Expiration < longGone) _keys.TryRemove(id, out _);
        }
    }
}
