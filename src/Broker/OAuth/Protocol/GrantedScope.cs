using Broker.Foundation.Results;
using OpenIddict.Abstractions;

namespace Broker.OAuth.Protocol;

/// <summary>Reads <c>scope</c>: of those that the client may have.</summary>
internal static class GrantedScope
{
    public static Result<string> Of(OpenIddictRequest request, OAuthClient client)
    {
        var asked = request.GetScopes();
        return asked.All(client.Scopes.Contains)
            ? string.Join(' ', asked.Distinct())
            : new Refusal(OAuthRefusals.InvalidScope, client.Scopes.Count == 0
                ? "the client may not ask for a scope"
                : $"scope must be of {string.Join(", ", client.Scopes)}");
    }
}
