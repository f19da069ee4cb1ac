using Broker.Foundation.Settings;

namespace Broker.Identity;

/// <summary>The namespace of actor omnis, and how far a client's clock may be from ours.</summary>
internal sealed record IdentityOptions(string ClientId, TimeSpan ClockSkew)
{
    public static IdentityOptions Read(BootEnvironment boot)
    {
        if (boot.Raw(IdentitySettings.ClientId) is "")
        {
            throw BootFailException.At(
                IdentitySettings.ClientId, "", "is set but empty; unset it for the default, agentkeys");
        }

        return new IdentityOptions(boot.Read(IdentitySettings.ClientId), boot.Read(IdentitySettings.ClockSkew));
    }
}
