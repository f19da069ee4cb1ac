using System.Text.Json.Serialization;
using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.Http;
using Broker.Ledger.Refusals;
using Broker.LedgerHosting;
using Broker.Refusals;
using Broker.Sessions;
using Broker.SignIn.Staged;
using FluentValidation;

namespace Broker.SignIn.Oidc;

/// <summary>
/// Body of <c>POST /v1/auth/oauth2/start</c>. A <c>source_ip</c> that old clients send is not believed.
/// </summary>
/// <param name="DeviceLabel">What the asking device calls itself, for the page: 1 to 64 characters.</param>
internal sealed record StartOidcSignInRequest(
    [property: JsonPropertyName("provider")] string Provider = OidcProvider.Google,
    [property: JsonPropertyName("device_label")] string? DeviceLabel = null);

/// <summary>Answer of <c>POST /v1/auth/oauth2/start</c> (contract §2.12).</summary>
/// <param name="CompareCode">The page after the sign-in shows the same letters.</param>
internal sealed record StartOidcSignInAnswer(
    [property: JsonPropertyName("request_id")] string RequestId,
    [property: JsonPropertyName("expires_in_seconds")] int ExpiresInSeconds,
    [property: JsonPropertyName("authorization_url")] string AuthorizationUrl,
    [property: JsonPropertyName("poll_url")] string PollUrl,
    [property: JsonPropertyName("provider")] string Provider,
    [property: JsonPropertyName("compare_code")] string CompareCode);

/// <summary>
/// <c>POST /v1/auth/oauth2/start</c>: an address at which a person signs in at a provider. The sign-in is in the state
/// database before the answer leaves.
/// </summary>
internal static class StartOidcSignIn
{
    /// <summary>Without the request id at its end.</summary>
    public const string PollPath = "/v1/auth/oauth2/status/";

    /// <summary>What staged sign-ins of all providers are called.</summary>
    public const string Staged = "oauth2";

    private const string Prefix = "oa2-";

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/auth/oauth2/start", HandleAsync)
        .WithName("startOidcSignIn")
        .WithSummary("An address at which a person signs in at an OpenID provider")
        .Accepts<StartOidcSignInRequest>("application/json")
        .Produces<StartOidcSignInAnswer>()
        .ProducesRefusals(400, 413, 415, 429, 502, 503);

    private static async Task<IResult> HandleAsync(
        HttpContext http, Attempts attempts, OidcOptions options, OidcLimit limit, DiskReserve disk,
        IServiceProvider services, IStagedSignIns signIns, TimeProvider time, CancellationToken stop)
    {
        var attempt = attempts.Begin(http, SessionTokenRelease.Kind, SessionTokenRelease.RequestedRole);
        var read = await RequestJson.ReadAsync(
            http.Request, OidcJson.Default.StartOidcSignInRequest, stop, optional: true);
        if (read.Refusal is { } unreadable) return await attempt.RefuseAsync(unreadable);
        if (DeviceLabel.CheckForeign(read.Value.DeviceLabel) is { } taken) return await attempt.RefuseAsync(taken);
        var begun = await RunAsync(http, read.Value, options, limit, disk, services, signIns, time, stop);
        return begun.Refusal is { } refusal ? await attempt.RefuseAsync(refusal) : TypedResults.Ok(begun.Value);
    }

    /// <summary>Whatever begins a sign-in at a provider comes here: the route, and the broker's own page.</summary>
    public static async ValueTask<Result<StartOidcSignInAnswer>> RunAsync(
        HttpContext http, StartOidcSignInRequest body, OidcOptions options, OidcLimit limit, DiskReserve disk,
        IServiceProvider services, IStagedSignIns signIns, TimeProvider time, CancellationToken stop)
    {
        var wanted = body.CheckedBy(Rules.Instance);
        if (wanted.Refusal is { } invalid) return invalid;
        var found = Find(options, wanted.Value.Provider);
        if (found.Refusal is { } unknown) return unknown;
        if (limit.Take(ClientAddress.Of(http)) is { } tooMany) return tooMany;
        if (disk.IsReached) return LedgerRefusals.DiskIsNearlyFull();

        var provider = found.Value;
        var begun = await services.GetRequiredService<OidcExchange>().BeginAsync(provider, stop);
        if (begun.Refusal is { } unreachable) return unreachable;

        var (signIn, requestId) = StagedSignIn.Begin(
            Staged, Prefix, Sha256Digest.Of(begun.Value.State), provider.Name, wanted.Value.DeviceLabel,
            time.GetUtcNow(), OidcOptions.Lifetime);
        signIns.Add(signIn);
        return new StartOidcSignInAnswer(
            requestId, (int)OidcOptions.Lifetime.TotalSeconds, begun.Value.AuthorizationUrl, PollPath + requestId,
            provider.Name, signIn.CompareCode);
    }

    private static Result<OidcProvider> Find(OidcOptions options, string name)
    {
        if (options.Providers.TryGetValue(name, out var provider)) return provider;
        if (options.Providers.Count == 0) return new Refusal(OidcRefusals.NotEnabled, "oauth2 plugin not enabled");
        return new Refusal(OidcRefusals.UnknownProvider, "this broker offers no such provider");
    }

    private sealed class Rules : AbstractValidator<StartOidcSignInRequest>
    {
        public static readonly Rules Instance = new();

        private Rules() => RuleFor(request => request.DeviceLabel)
            .Must(label => label is null || DeviceLabel.IsPlain(label))
            .WithMessage($"device_label must be 1 to {DeviceLabel.Longest} printable characters");
    }
}
