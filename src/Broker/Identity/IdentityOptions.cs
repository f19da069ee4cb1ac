using Broker.Foundation.Settings;

namespace Broker.Identity;

/// <summary>The namespace of actor omnis, and how far a client's clock may be from ours.</summary>
/// <param name="ChangesPerHour">Of one actor; 0 means no limit.</param>
internal sealed record IdentityOptions(string ClientId, TimeSpan ClockSkew, int ChangesPerHour = 0)
{
    public static IdentityOptions Read(BootEnvironment boot, bool isDevelopment)
    {
        if (boot.Raw(IdentitySettings.ClientId) is "")
        {
            throw BootFailException.At(
                IdentitySettings.ClientId, "", "is set but empty; unset it for the default, agentkeys");
        }

        return new IdentityOptions(
            boot.Read(IdentitySettings.ClientId), boot.Read(IdentitySettings.ClockSkew),
            boot.IsSet(IdentitySettings.ChangesPerHour)
                ? boot.Read(IdentitySettings.ChangesPerHour)
                : isDevelopment ? 0 : 600);
    }
}
