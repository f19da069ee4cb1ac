using System.Security.Claims;
using Broker.Foundation.Results;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using OpenIddict.Abstractions;
using OpenIddict.Client;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Client.OpenIddictClientEvents;

namespace Broker.SignIn.Oidc;

/// <summary>A sign-in that was begun at a provider: where the person goes, and the state that comes back.</summary>
internal sealed record OidcChallenge(string AuthorizationUrl, string State);

/// <summary>
/// Takes a sign-in through OpenIddict's client: to the provider, and back with its answer. This stands in place of
/// OpenIddict's host for ASP.NET Core, which answers with redirects; here it is a command line that asks.
/// </summary>
internal sealed partial class OidcExchange(
    IOpenIddictClientFactory factory, IOpenIddictClientDispatcher dispatcher, OidcOptions options,
    ILogger<OidcExchange> log)
{
    /// <summary>Where a person signs in at this provider. Fetches its discovery document where that is not known.</summary>
    public async Task<Result<OidcChallenge>> BeginAsync(OidcProvider provider, CancellationToken stop)
    {
        var transaction = await TransactionAsync(stop);
        var challenge = new ProcessChallengeContext(transaction)
        {
            RegistrationId = provider.Name,
            Principal = new ClaimsPrincipal(new ClaimsIdentity()),
            Request = new OpenIddictRequest(),
            Response = new OpenIddictResponse(),
        };
        if (provider.Name == OidcProvider.Google)
        {
            // Contract §7.4: the person chooses the account, and no refresh token is wanted.
            challenge.Parameters["prompt"] = "select_account";
            challenge.Parameters["access_type"] = "online";
        }

        try
        {
            await dispatcher.DispatchAsync(challenge);
        }
        catch (Exception fault) when (fault is not OperationCanceledException || !stop.IsCancellationRequested)
        {
            LogFault(log, provider.Name, fault);
            return Unreachable(provider);
        }

        var endpoint = challenge.AuthorizationEndpoint ?? challenge.Configuration?.AuthorizationEndpoint;
        if (challenge.IsRejected || challenge.StateToken is null || endpoint is null)
        {
            LogRejected(log, provider.Name, challenge.Error, challenge.ErrorDescription);
            return Unreachable(provider);
        }

        var query = challenge.Request.GetParameters()
            .Select(one => KeyValuePair.Create(one.Key, (StringValues)one.Value));
        return new OidcChallenge(
            QueryHelpers.AddQueryString(endpoint.AbsoluteUri, query), challenge.StateToken);
    }

    /// <summary>
    /// Who signed in, from what the provider sent along: the state is opened, the code exchanged, the identity token
    /// checked (signature, issuer, audience, time, nonce). The state was taken before.
    /// </summary>
    public async Task<Result<string>> FinishAsync(
        OidcProvider provider, OpenIddictRequest answer, CancellationToken stop)
    {
        var transaction = await TransactionAsync(stop);
        transaction.EndpointType = OpenIddictClientEndpointType.Redirection;
        transaction.Request = answer;
        var authentication = new ProcessAuthenticationContext(transaction) { Request = answer };
        try
        {
            await dispatcher.DispatchAsync(authentication);
        }
        catch (Exception fault) when (fault is not OperationCanceledException || !stop.IsCancellationRequested)
        {
            LogFault(log, provider.Name, fault);
            return Unreachable(provider);
        }

        if (authentication.IsRejected)
        {
            LogRejected(log, provider.Name, authentication.Error, authentication.ErrorDescription);
            return authentication.Error is Errors.ServerError or Errors.TemporarilyUnavailable
                ? Unreachable(provider)
                : new Refusal(OidcRefusals.AnswerInvalid, "the provider's answer does not hold");
        }

        var subject = authentication.BackchannelIdentityTokenPrincipal?.GetClaim(Claims.Subject);
        return subject is { Length: > 0 and <= 255 } && authentication.Registration?.ProviderName == provider.Name
            ? subject
            : new Refusal(OidcRefusals.AnswerInvalid, "the provider's answer names nobody");
    }

    private async Task<OpenIddictClientTransaction> TransactionAsync(CancellationToken stop)
    {
        // Addresses are those of the settings, never those of the request.
        var transaction = await factory.CreateTransactionAsync();
        transaction.BaseUri = new Uri(options.RedirectUri.GetLeftPart(UriPartial.Authority));
        transaction.RequestUri = options.RedirectUri;
        transaction.CancellationToken = stop;
        return transaction;
    }

    private static Refusal Unreachable(OidcProvider provider) =>
        new(OidcRefusals.ProviderUnreachable, $"upstream: the provider {provider.Name} cannot be asked now");

    [LoggerMessage(Level = LogLevel.Debug, Message = "the provider {Provider} could not be asked")]
    private static partial void LogFault(ILogger log, string provider, Exception fault);

    [LoggerMessage(Level = LogLevel.Debug, Message = "the provider {Provider}: {Error}, {Description}")]
    private static partial void LogRejected(ILogger log, string provider, string? error, string? description);
}
