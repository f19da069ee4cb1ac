using Broker.IdentityLinks;

namespace Broker.People;

/// <summary>
/// <c>POST /account/links/unlink</c>: as <c>POST /v1/identity/unlink</c> for a claim. A link that was made with proof
/// of both identities ends with proof of both, which needs the session tokens of both. A browser has none, so the page
/// says how a terminal does it.
/// </summary>
internal static class LinkForms
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/account/links/unlink", (
            HttpContext http, AccountForms forms, LinkIdentity link, CancellationToken stop) => forms.RunAsync(
                http, LinkIdentity.Kind, LinkIdentity.RequestedRole,
                async (attempt, caller, form) =>
                {
                    var identity = LinkableIdentity.Parse(form["identity_type"], form["identity_value"]);
                    return identity.Refusal
                        ?? (await link.UnlinkAsync(caller, identity.Value, isProven: false, attempt)).Refusal;
                },
                stop))
        .IsAccountForm("unlinkIdentityOnPage", "Unlinks an identity that the person has claimed");
}
