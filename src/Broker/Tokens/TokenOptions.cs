using Broker.Foundation.Settings;
using Broker.SigningKeys;

namespace Broker.Tokens;

/// <summary>OIDC tokens: how long they live where nothing else is asked for, and what stands in them.</summary>
internal sealed record TokenOptions(TimeSpan Lifetime, bool EmitSourceIdentity, Audiences Audiences)
{
    public static TokenOptions Read(BootEnvironment boot) => new(
        boot.Read(TokenSettings.OidcTokenLifetime), boot.Read(TokenSettings.SourceIdentity),
        new Audiences(boot.Read(TokenSettings.Audiences)));

    /// <exception cref="BootFailException">An audience needs a key that is not there.</exception>
    public void CheckKeys(KeyFileOptions keys, BootEnvironment boot)
    {
        if (keys.Rs256 is null && Audiences.All.FirstOrDefault(one => one.Algorithm == Rs256Key.Name) is { } needs)
        {
            throw BootFailException.At(TokenSettings.Audiences, boot.Text(TokenSettings.Audiences),
                $"{needs.Name} needs RS256, and {KeySettings.Rs256KeyFile.Name} names no key file");
        }
    }
}
