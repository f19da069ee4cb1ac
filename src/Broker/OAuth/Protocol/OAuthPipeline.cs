using Broker.Issuer;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Broker.OAuth.Protocol;

/// <summary>
/// Takes a request through OpenIddict and gives its answer. This stands in place of OpenIddict's host for ASP.NET Core,
/// which would put an authentication middleware before every route of this process; here a route is OpenIddict's only
/// where it calls this.
/// </summary>
internal sealed class OAuthPipeline(
    IOpenIddictServerFactory factory, IOpenIddictServerDispatcher dispatcher, IssuerOptions issuer)
{
    /// <summary>The answer; one with an <c>error</c> is a refusal.</summary>
    /// <param name="call">Null for the public documents, which no handler of a grant sees.</param>
    public async Task<OpenIddictResponse> RunAsync(
        OpenIddictServerEndpointType endpoint, OpenIddictRequest request, OAuthCall? call, CancellationToken stop)
    {
        // Addresses are the issuer's, never those of the request: nothing in an answer follows a Host header.
        var transaction = await factory.CreateTransactionAsync();
        transaction.EndpointType = endpoint;
        transaction.BaseUri = IssuerAddress.Of(issuer.Issuer);
        transaction.RequestUri = transaction.BaseUri;
        transaction.Request = request;
        transaction.CancellationToken = stop;
        call?.Accompany(transaction);

        var processed = new ProcessRequestContext(transaction);
        await dispatcher.DispatchAsync(processed);
        if (processed.IsRejected)
        {
            await dispatcher.DispatchAsync(new ProcessErrorContext(transaction)
            {
                Error = processed.Error ?? OpenIddictConstants.Errors.InvalidRequest,
                ErrorDescription = processed.ErrorDescription,
                Response = new OpenIddictResponse(),
            });
        }

        return transaction.Response
            ?? throw new InvalidOperationException("internal error: OpenIddict gave no answer");
    }
}
