using System.Text.Json;
using Broker.Foundation;
using Broker.Foundation.Results;
using Broker.Http;
using Broker.OAuth.Protocol;
using Broker.Tokens;
using OpenIddict.Abstractions;

namespace Broker.OAuth.Grants;

/// <summary>What an exchange asks for: <c>role</c> and <c>ttl_seconds</c>, or <c>mint_request</c> as a whole.</summary>
/// <param name="Audience">For whom; null for a session.</param>
internal sealed record ExchangeWish(string? Role, int? LifetimeSeconds, string? Audience, JsonElement Body)
{
    private const string RoleName = "role", Lifetime = "ttl_seconds", Mint = "mint_request";

    private static JsonElement Empty { get; } = JsonDocument.Parse("{}").RootElement.Clone();

    /// <summary>For a session: no audience, and no body to sign.</summary>
    public static Result<ExchangeWish> ForSession(OpenIddictRequest request)
    {
        if (!request.GetAudiences().IsEmpty)
            return new Refusal(OAuthRefusals.InvalidTarget, "a session is for this broker alone: send no audience");
        return request[Mint] is null
            ? Read(request, null)
            : new Refusal(HttpRefusals.InvalidField, $"{Mint} goes with a token, not with a session");
    }

    /// <summary>For a token. Which audiences there are, OpenIddict has looked at.</summary>
    public static Result<ExchangeWish> ForToken(OpenIddictRequest request) =>
        request.GetAudiences() is [var audience]
            ? Read(request, audience)
            : new Refusal(OAuthRefusals.InvalidTarget, "send one audience");

    private static Result<ExchangeWish> Read(OpenIddictRequest request, string? audience)
    {
        var (role, lifetime) = ((string?)request[RoleName], (string?)request[Lifetime]);
        if (audience is not null && (string?)request[Mint] is { } body)
        {
            return role is null && lifetime is null
                ? Parse(System.Text.Encoding.UTF8.GetBytes(body), audience)
                : new Refusal(HttpRefusals.InvalidField, $"send {Mint}, or {RoleName} and {Lifetime}");
        }

        if (lifetime is null) return new ExchangeWish(role, null, audience, Empty);
        return DecimalDigits.TryRead(lifetime, out var seconds) && seconds <= int.MaxValue
            ? new ExchangeWish(role, (int)seconds, audience, Empty)
            : new Refusal(HttpRefusals.InvalidField, $"{Lifetime} must be a whole number");
    }

    private static Result<ExchangeWish> Parse(byte[] body, string audience)
    {
        try
        {
            using var document = StrictJson.Parse(body);
            var read = document.RootElement.ValueKind == JsonValueKind.Object
                ? RequestJson.As(document.RootElement, TokensJson.Default.MintOidcTokenRequest)
                : new Refusal(HttpRefusals.MalformedJson, $"{Mint} must be a JSON object");
            if (read.Refusal is { } wrong) return wrong;
            return (read.Value.Audience ?? Audiences.Aws) == audience
                ? new ExchangeWish(
                    read.Value.Role, read.Value.LifetimeSeconds, audience, document.RootElement.Clone())
                : new Refusal(HttpRefusals.InvalidField, $"audience and that of {Mint} must be the same");
        }
        catch (JsonException)
        {
            return new Refusal(HttpRefusals.MalformedJson, $"{Mint} is not acceptable JSON");
        }
    }
}
