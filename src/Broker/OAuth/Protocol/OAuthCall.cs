using Broker.Foundation.Results;
using Broker.Refusals;
using Broker.Sessions;
using OpenIddict.Server;

namespace Broker.OAuth.Protocol;

/// <summary>What we know of a request that OpenIddict handles: it travels along with the transaction.</summary>
internal sealed class OAuthCall(HttpContext http, Attempt attempt, string issuer)
{
    private const string Place = "broker:call";

    public HttpContext Http => http;

    public Attempt Attempt => attempt;

    public string Issuer => issuer;

    /// <summary>The refusal with our own code, where one of our handlers refused.</summary>
    public Refusal? Refusal { get; private set; }

    /// <summary>Whether the client's credentials came in the header (RFC 6749 §2.3.1).</summary>
    public bool HasBasicCredentials { get; } = BasicCredentials.AreIn(http.Request);

    /// <summary>The client, once it was proven; null where the request names none.</summary>
    public OAuthClient? Client { get; set; }

    /// <summary>The key that the request has proven to hold (RFC 9449 §5); null where it sent no proof.</summary>
    public string? Key { get; init; }

    /// <summary>What a grant will issue; null until the grant's proof held.</summary>
    public IProvenGrant? Proven { get; set; }

    /// <summary>What was issued, on record.</summary>
    public GrantedToken? Granted { get; set; }

    /// <summary>The session whose token was presented, once it was verified.</summary>
    public VerifiedSession? Session { get; set; }

    /// <summary>The call that this transaction belongs to.</summary>
    public static OAuthCall Of(OpenIddictServerTransaction transaction) =>
        (OAuthCall)transaction.Properties[Place]!;

    public void Accompany(OpenIddictServerTransaction transaction) => transaction.Properties[Place] = this;

    /// <summary>Keeps why the request is refused; the first reason stays.</summary>
    public void Note(Refusal refusal) => Refusal ??= refusal;

    /// <summary>Refuses by our own code.</summary>
    public void Refuse(OpenIddictServerEvents.BaseValidatingContext context, Refusal refusal)
    {
        Note(refusal);
        context.Reject(OAuthErrorShape.ErrorOf(refusal.Code), refusal.Detail);
    }
}
