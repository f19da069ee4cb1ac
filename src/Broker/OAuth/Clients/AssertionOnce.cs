using Broker.Foundation.Results;
using Broker.Identity;
using Broker.OAuth.Protocol;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Broker.OAuth.Clients;

/// <summary>
/// A client assertion is good once (RFC 7523 §3, item 7) and for a short time, so that one that leaks is soon worth
/// nothing.
/// </summary>
internal sealed class AssertionOnce(IAssertionStore used, IdentityOptions identities, TimeProvider time)
    : IOpenIddictServerHandler<ProcessAuthenticationContext>
{
    private const int LongestId = 256;
    private static readonly TimeSpan LongestLife = TimeSpan.FromMinutes(10);

    public ValueTask HandleAsync(ProcessAuthenticationContext context)
    {
        if (context.ClientAssertionPrincipal is { } assertion && Check(assertion) is { } refusal)
            OAuthCall.Of(context.Transaction).Refuse(context, refusal);
        return ValueTask.CompletedTask;
    }

    private Refusal? Check(System.Security.Claims.ClaimsPrincipal assertion)
    {
        var now = time.GetUtcNow();
        if (assertion.GetClaim(OpenIddictConstants.Claims.JwtId) is not { Length: > 0 and <= LongestId } id)
            return Invalid($"the client assertion must have a jti of 1 to {LongestId} characters");
        if (assertion.GetExpirationDate() is not { } until || until > now + LongestLife + identities.ClockSkew)
            return Invalid("the client assertion must expire within 10 minutes");

        var client = assertion.GetClaim(OpenIddictConstants.Claims.Issuer)!;
        return used.TryUse(client, id, until + identities.ClockSkew)
            ? null
            : new Refusal(OAuthRefusals.ClientAssertionReplayed, "the client assertion was used before");
    }

    private static Refusal Invalid(string why) => new(OAuthRefusals.InvalidClient, why);
}
