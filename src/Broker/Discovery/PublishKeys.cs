using Broker.Cryptography;
using Broker.IssuerEvidence;
using Broker.SigningKeys;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Broker.Discovery;

/// <summary>
/// The public keys of the rings (RFC 7517). Each has <c>kid</c>, <c>use</c>, <c>alg</c> and <c>x5c</c> with a certificate
/// of the same public key; never <c>key_ops</c>, which AWS refuses.
/// </summary>
internal sealed class PublishKeys(OidcKeys keys, KeyCertificates certificates)
    : IOpenIddictServerHandler<HandleJsonWebKeySetRequestContext>
{
    public async ValueTask HandleAsync(HandleJsonWebKeySetRequestContext context)
    {
        foreach (var one in keys.Published)
        {
            var key = one.Key;
            var published = new JsonWebKey
            {
                Kid = key.KeyId,
                Alg = key.Algorithm,
                Use = JsonWebKeyUseNames.Sig,
            };
            switch (key)
            {
                case Es256Key { Jwk: var point }:
                    (published.Kty, published.Crv) = (EcJwk.KeyType, EcJwk.Curve);
                    (published.X, published.Y) = (point.X, point.Y);
                    break;
                case Rs256Key rsa:
                    published.Kty = JsonWebAlgorithmsKeyTypes.RSA;
                    (published.N, published.E) = (rsa.Modulus, rsa.Exponent);
                    break;
            }

            published.X5c.Add(Convert.ToBase64String(await certificates.OfAsync(one, context.CancellationToken)));
            context.Keys.Add(published);
        }
    }
}
