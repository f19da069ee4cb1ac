using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.OAuth.Protocol;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Broker.OAuth.Clients;

/// <summary>
/// Whether a client is who it says it is, in the way that it is registered for. OpenIddict has seen to it that a
/// confidential client sent something; assertions it has verified.
/// </summary>
internal sealed class ProveClient(OAuthClients clients) : IOpenIddictServerHandler<ProcessAuthenticationContext>
{
    public ValueTask HandleAsync(ProcessAuthenticationContext context)
    {
        if (context.ClientId is not { Length: > 0 } id || clients.Known(id) is not { } client)
            return ValueTask.CompletedTask;

        var call = OAuthCall.Of(context.Transaction);
        if (context.EndpointType != OpenIddictServerEndpointType.Authorization && !IsProven(client, context, call))
            call.Refuse(context, new Refusal(OAuthRefusals.InvalidClient, "the client did not prove who it is"));
        else
            call.Client = client;
        return ValueTask.CompletedTask;
    }

    private static bool IsProven(OAuthClient client, ProcessAuthenticationContext context, OAuthCall call)
    {
        // One way, and the one that is registered (RFC 6749 §2.3).
        if (context.ClientAssertionPrincipal is not null)
            return client.AuthenticationMethod == ClientAuthenticationMethods.PrivateKeyJwt
                && context.ClientSecret is null;
        if (context.ClientSecret is not { Length: > 0 } secret) return client.IsPublic;
        var method = call.HasBasicCredentials
            ? ClientAuthenticationMethods.ClientSecretBasic
            : ClientAuthenticationMethods.ClientSecretPost;
        return client.AuthenticationMethod == method && client.Secret is { } known
            && CryptographicOperations.FixedTimeEquals(BytesOf(known), BytesOf(Sha256Digest.Of(secret)));
    }

    private static ReadOnlySpan<byte> BytesOf(Sha256Digest digest) =>
        MemoryMarshal.AsBytes(digest.ToString().AsSpan());
}
