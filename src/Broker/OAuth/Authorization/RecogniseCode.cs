using System.Security.Claims;
using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.OAuth.Protocol;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Broker.OAuth.Authorization;

/// <summary>
/// Tells OpenIddict what a code is bound to, so that it compares client, address and PKCE. Device codes and refresh
/// tokens are looked at by their grants. Nothing is taken here.
/// </summary>
internal sealed class RecogniseCode(ICodeStore codes) : IOpenIddictServerHandler<ValidateTokenContext>
{
    public ValueTask HandleAsync(ValidateTokenContext context)
    {
        if (context.ValidTokenTypes is not { Count: 1 } types) return ValueTask.CompletedTask;
        var call = OAuthCall.Of(context.Transaction);
        var request = context.Transaction.Request!;
        var identity = new ClaimsIdentity(nameof(RecogniseCode));
        var principal = new ClaimsPrincipal(identity).SetTokenType(types.Single());
        principal.SetPresenters(request.ClientId ?? "");
        switch (types.Single())
        {
            case TokenTypeIdentifiers.Private.AuthorizationCode:
                if (codes.Find(Sha256Digest.Of(context.Token ?? "")) is not { } code)
                {
                    call.Note(new Refusal(OAuthRefusals.InvalidGrant, "the code is not one of ours"));
                    context.Reject(Errors.InvalidGrant, "the code is not one of ours");
                    return ValueTask.CompletedTask;
                }

                principal.SetPresenters(code.ClientId);
                principal.SetClaim(Claims.Private.RedirectUri, code.RedirectUri);
                principal.SetClaim(Claims.Private.CodeChallenge, code.Challenge);
                principal.SetClaim(Claims.Private.CodeChallengeMethod, CodeChallengeMethods.Sha256);
                break;
            case TokenTypeIdentifiers.Private.DeviceCode or TokenTypeIdentifiers.RefreshToken:
                break;
            default:
                return ValueTask.CompletedTask;
        }

        context.Principal = principal;
        return ValueTask.CompletedTask;
    }
}
