using System.Text.Json;
using Broker.Foundation;
using Broker.Foundation.Results;
using Broker.Http;
using Broker.Identity;
using Broker.OAuth.Protocol;
using Broker.Releases;
using Broker.Sessions;
using Broker.Tokens;
using OpenIddict.Abstractions;

namespace Broker.OAuth.Grants;

/// <summary>
/// Token exchange (RFC 8693): a session token as <c>subject_token</c> for an OIDC token with
/// <c>audience=sts.amazonaws.com</c> or another configured one, by every check that <c>POST /v1/mint-oidc-jwt</c> makes. <c>role</c> and
/// <c>ttl_seconds</c> are as there; <c>mint_request</c> is that route's JSON body as a whole, for the signed form.
/// </summary>
internal sealed class TokenExchangeGrant(Callers callers, IssueOidcToken issue) : IGrant
{
    private const string Role = "role", Lifetime = "ttl_seconds", Body = "mint_request";

    public string Type => OpenIddictConstants.GrantTypes.TokenExchange;

    public async ValueTask<Result<IProvenGrant>> ProveAsync(
        OAuthCall call, OpenIddictRequest request, string? clientId)
    {
        if (!request.GetResources().IsEmpty)
            return new Refusal(OAuthRefusals.InvalidTarget, "send audience, and no resource");

        // Which audiences there are, OpenIddict has looked at.
        if (request.GetAudiences() is not [var audience])
            return new Refusal(OAuthRefusals.InvalidTarget, "send one audience");

        var bearer = BearerToken.Of(request.SubjectToken!, call.Key);
        if (bearer.Refusal is { } malformed) return malformed;
        call.Attempt.Know(bearer.Value);
        var caller = await callers.VerifyAsync(bearer.Value, CancellationToken.None);
        if (caller.Refusal is { } unknown) return unknown;
        call.Attempt.Know(caller.Value);
        call.Attempt.Name(null, issue.KeyIdFor(audience));

        var wish = Read(request, audience);
        return wish.Refusal is { } unreadable
            ? unreadable
            : new Exchange(issue, caller.Value, wish.Value, call.Attempt.RequestId);
    }

    private static Result<Wish> Read(OpenIddictRequest request, string audience)
    {
        var (role, lifetime) = ((string?)request[Role], (string?)request[Lifetime]);
        if ((string?)request[Body] is { } body)
        {
            return role is null && lifetime is null
                ? Parse(System.Text.Encoding.UTF8.GetBytes(body), audience)
                : new Refusal(HttpRefusals.InvalidField, $"send {Body}, or {Role} and {Lifetime}");
        }

        if (lifetime is null) return new Wish(role, null, audience, Empty);
        return DecimalDigits.TryRead(lifetime, out var seconds) && seconds <= int.MaxValue
            ? new Wish(role, (int)seconds, audience, Empty)
            : new Refusal(HttpRefusals.InvalidField, $"{Lifetime} must be a whole number");
    }

    private static Result<Wish> Parse(byte[] body, string audience)
    {
        try
        {
            using var document = StrictJson.Parse(body);
            var read = document.RootElement.ValueKind == JsonValueKind.Object
                ? RequestJson.As(document.RootElement, TokensJson.Default.MintOidcTokenRequest)
                : new Refusal(HttpRefusals.MalformedJson, $"{Body} must be a JSON object");
            if (read.Refusal is { } wrong) return wrong;
            return (read.Value.Audience ?? Audiences.Aws) == audience
                ? new Wish(read.Value.Role, read.Value.LifetimeSeconds, audience, document.RootElement.Clone())
                : new Refusal(HttpRefusals.InvalidField, $"audience and that of {Body} must be the same");
        }
        catch (JsonException)
        {
            return new Refusal(HttpRefusals.MalformedJson, $"{Body} is not acceptable JSON");
        }
    }

    private static JsonElement Empty { get; } = JsonDocument.Parse("{}").RootElement.Clone();

    private sealed record Wish(string? Role, int? LifetimeSeconds, string Audience, JsonElement Body);

    private sealed class Exchange(IssueOidcToken issue, VerifiedCaller caller, Wish wish, string requestId)
        : IProvenGrant
    {
        public string Subject => $"agentkeys:agent:{caller.WalletOrActor}";

        public async ValueTask<Result<GrantedToken>> IssueAsync()
        {
            using var timed = issue.Time();
            var issued = await issue.RunAsync(
                new MintRequest(caller, issue.Want(wish.Role, wish.LifetimeSeconds, wish.Audience), wish.Body, requestId));
            if (issued.Refusal is { } denied) return denied;
            timed.Succeeded();
            return new GrantedToken(issued.Value.Token.Reveal(), issued.Value.Mint.ExpiresAt);
        }
    }
}
