using System.Text.Json;
using Broker.Identity;
using Broker.Roles;

namespace Broker.Releases;

/// <summary>
/// A mint on its way through the release checks: who wants what, in which form. Each check adds what it found.
/// </summary>
/// <param name="body">The request's body, for the signed form; lives as long as the request.</param>
internal sealed class MintRequest(VerifiedCaller caller, WantedMint wanted, JsonElement body, string requestId)
{
    public VerifiedCaller Caller => caller;

    public WantedMint Wanted => wanted;

    public JsonElement Body => body;

    public string RequestId => requestId;

    /// <summary>Found by the check of the role.</summary>
    public CatalogueRole? Role { get; set; }

    /// <summary>Found by the check of the audience: for whom the credential is.</summary>
    public string Audience { get; set; } = ApprovedMint.UsualAudience;

    /// <summary>Found by the check of the lifetime.</summary>
    public TimeSpan Lifetime { get; set; }

    /// <summary>Found by the check of the signature; null where the body is not signed and need not be.</summary>
    public SignedRequest? Signed { get; set; }

    /// <summary>Found by the check of the grant: which one the release rests on; null where it rests on none.</summary>
    public string? GrantId { get; set; }

    /// <summary>True from when a use of the grant was taken until it is given back.</summary>
    public bool HasTakenGrant { get; set; }
}
