using System.Buffers.Text;
using Broker.Issuer;
using Broker.OAuth.Clients;
using Broker.OAuth.Protocol;
using Broker.Sessions;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Broker.OAuth.Authorization;

/// <summary>
/// Reads a request to the authorization endpoint: code flow with PKCE and S256, for registered addresses. The client
/// and its address come first; only then may an error be sent there.
/// </summary>
internal sealed class ReadAuthorizationRequest(OAuthClients clients, IssuerOptions issuer, TimeProvider time)
{
    private const int LongestText = 1024;
    private const int ChallengeLength = 43;

    /// <summary>One of the two.</summary>
    public async ValueTask<(AuthorizationRequest? Request, AuthorizationError? Error)> ReadAsync(
        IQueryCollection query)
    {
        var names = query.Where(one => one.Key != Parameters.Resource);
        if (names.FirstOrDefault(one => one.Value.Count != 1) is { Key: { } twice })
            return Wrong(Errors.InvalidRequest, $"{Ascii(twice)} must be there once", null);
        if (query.Any(one => one.Value.Any(value => value is { Length: > LongestText })))
            return Wrong(Errors.InvalidRequest, "a parameter is too long", null);
        var request = new OpenIddictRequest(query.Select(one => KeyValuePair.Create(one.Key, one.Value)));

        // Who asks, and whether it may be answered where it says.
        if (request.ClientId is not { Length: > 0 } id || await clients.FindAsync(id) is not { } client)
            return Wrong(Errors.InvalidClient, "the client is not known here", null);
        var redirect = request.RedirectUri
            ?? (client.RedirectUris is [var only] && !RedirectUris.IsLoopback(only) ? only : null);
        if (redirect is null || !RedirectUris.IsOneOf(client.RedirectUris, redirect))
            return Wrong(Errors.InvalidRequest, "redirect_uri is not one of the client", null);
        return Read(request, client, new AnswerPlace(redirect, request.State));
    }

    private (AuthorizationRequest?, AuthorizationError?) Read(
        OpenIddictRequest request, OAuthClient client, AnswerPlace place)
    {
        if (request.ResponseType != ResponseTypes.Code)
            return Wrong(Errors.UnsupportedResponseType, "response_type must be code", place);
        if (!client.GrantTypes.Contains(GrantTypes.AuthorizationCode))
            return Wrong(Errors.UnauthorizedClient, "the client may not use authorization_code", place);
        if (request.ResponseMode is not (null or ResponseModes.Query))
            return Wrong(Errors.InvalidRequest, "response_mode must be query", place);
        if (request.Request is not null) return Wrong(Errors.RequestNotSupported, "request is not taken", place);
        if (request.RequestUri is not null)
            return Wrong(Errors.RequestUriNotSupported, "request_uri is not taken", place);

        // RFC 9700 §2.1.1: of every client, since a code that leaks is then worth nothing.
        if (request.CodeChallengeMethod != CodeChallengeMethods.Sha256
            || request.CodeChallenge is not { Length: ChallengeLength } challenge || !Base64Url.IsValid(challenge))
            return Wrong(Errors.InvalidRequest, "code_challenge with code_challenge_method=S256 must be there", place);
        var scope = GrantedScope.Of(request, client);
        if (scope.Refusal is { } unknown) return Wrong(unknown.Code.Kind, unknown.Detail, place);
        var resource = Resources.Of([.. request.GetResources()], issuer.Issuer);
        if (resource.Refusal is { } wrong) return Wrong(wrong.Code.Kind, wrong.Detail, place);

        var prompts = request.GetPromptValues();
        if (prompts.Contains(PromptValues.None))
            return Wrong(Errors.ConsentRequired, "the person is always asked", place);
        var now = time.GetUtcNow();
        DateTimeOffset? since = prompts.Contains(PromptValues.Login)
            ? now
            : request.MaxAge is { } age and >= 0 and <= int.MaxValue ? now - TimeSpan.FromSeconds(age) : null;
        return (new AuthorizationRequest(
            new SessionTerms(client.ClientId, scope.Value, resource.Value.Name), place.RedirectUri, place.State,
            challenge, request.Nonce, since, (string?)request["dpop_jkt"]), null);
    }

    private static (AuthorizationRequest?, AuthorizationError?) Wrong(string error, string why, AnswerPlace? place) =>
        (null, new AuthorizationError(error, why, place));

    private static string Ascii(string name) =>
        name.Length <= 64 && name.All(char.IsAsciiLetterOrDigit) ? name : "a parameter";
}
