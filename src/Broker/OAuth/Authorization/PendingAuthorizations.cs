using Broker.Cryptography;
using Broker.OAuth.Delegations;
using Broker.People;

namespace Broker.OAuth.Authorization;

/// <summary>
/// Requests that wait while their person signs in and decides. In memory, under an id that nobody can guess: after a
/// restart the client asks again.
/// </summary>
internal sealed class PendingAuthorizations(TimeProvider time)
{
    private const int Capacity = 10_000;
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);

    private readonly ExpiringMemory<AuthorizationRequest> _pending = new(Capacity, time);

    /// <summary>Gives the id.</summary>
    public string Keep(AuthorizationRequest request)
    {
        var id = OpaqueToken.New();
        _pending.Keep(Sha256Digest.Of(id), request, time.GetUtcNow() + Longest);
        return id;
    }

    /// <summary>Null where nothing waits.</summary>
    public AuthorizationRequest? Find(string id) => _pending.Find(Sha256Digest.Of(id));

    /// <summary>The first who takes it has it.</summary>
    public AuthorizationRequest? Take(string id) => _pending.Take(Sha256Digest.Of(id));
}
