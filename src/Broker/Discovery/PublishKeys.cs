using Broker.Cryptography;
using Broker.SigningKeys;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Broker.Discovery;

/// <summary>
/// The public keys of the ring (RFC 7517). Each has <c>kid</c>, <c>use</c>, <c>alg</c> and <c>x5c</c> with a certificate
/// of the same public key; never <c>key_ops</c>, which AWS refuses.
/// </summary>
internal sealed class PublishKeys(KeyRing keys) : IOpenIddictServerHandler<HandleJsonWebKeySetRequestContext>
{
    public ValueTask HandleAsync(HandleJsonWebKeySetRequestContext context)
    {
        foreach (var (key, certificate) in keys.Published)
        {
            var published = new JsonWebKey
            {
                Kty = EcJwk.KeyType,
                Crv = EcJwk.Curve,
                X = key.Jwk.X,
                Y = key.Jwk.Y,
                Kid = key.KeyId,
                Alg = SecurityAlgorithms.EcdsaSha256,
                Use = JsonWebKeyUseNames.Sig,
            };
            published.X5c.Add(Convert.ToBase64String(certificate));
            context.Keys.Add(published);
        }

        return ValueTask.CompletedTask;
    }
}
