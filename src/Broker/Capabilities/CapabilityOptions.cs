using Broker.Cryptography;
using Broker.Foundation.Settings;

namespace Broker.Capabilities;

/// <summary>The chain's node and contracts, all of them.</summary>
internal sealed record ChainPlaces(Uri Node, EthereumAddress Registry, EthereumAddress Scopes, EthereumAddress Epochs);

/// <summary>How capabilities are minted.</summary>
/// <param name="StaticPath">Null where the gates are not a file.</param>
/// <param name="Chain">Null where the gates are not a chain, or its places are not all named.</param>
/// <param name="Missing">Why no capability can be minted; null where the gates are configured.</param>
internal sealed record CapabilityOptions(bool RequireProof, string? StaticPath, ChainPlaces? Chain, string? Missing)
{
    /// <exception cref="BootFailException">A value is wrong, or the file of static gates is not named.</exception>
    public static CapabilityOptions Read(BootEnvironment boot)
    {
        var proof = boot.Read(CapabilitySettings.RequireProof);
        var path = boot.ReadOptional(CapabilitySettings.StaticPath);

        // Read whatever the gates are: a file that is named and cannot be used is a mistake.
        if (path is not null) StaticGatesFile.Check(path);
        switch (boot.ReadOptional(CapabilitySettings.Gates))
        {
            case "static":
                return path is null
                    ? throw BootFailException.At(
                        CapabilitySettings.StaticPath, null, "missing: static gates need a file of devices and scopes")
                    : new CapabilityOptions(proof, path, null, null);
            case "chain":
                var (places, missing) = ReadChain(boot);
                return new CapabilityOptions(proof, null, places, missing);
            default:
                return new CapabilityOptions(proof, null, null, "this broker has no gates for capabilities");
        }
    }

    /// <summary>What is missing degrades the routes of capabilities, never the start (contract §2.17).</summary>
    private static (ChainPlaces? Places, string? Missing) ReadChain(BootEnvironment boot)
    {
        var profile = boot.Read(CapabilitySettings.Chain);
        var registry = CapabilitySettings.For(CapabilitySettings.Registry, profile);
        var scopes = CapabilitySettings.For(CapabilitySettings.Scopes, profile);
        var epochs = CapabilitySettings.For(CapabilitySettings.Epochs, profile);
        var node = boot.IsSet(CapabilitySettings.Node)
            ? boot.Read(CapabilitySettings.Node)
            : boot.ReadOptional(CapabilitySettings.NodeOf(profile));
        var unset = ((Setting[])[registry, scopes, epochs]).Where(one => !boot.IsSet(one)).Select(one => one.Name)
            .Concat(node is null ? [CapabilitySettings.Node.Name] : []).ToArray();
        return unset.Length > 0
            ? (null, $"the chain's gates are not configured: {string.Join(", ", unset)} must be set")
            : (new ChainPlaces(node!, boot.Read(registry), boot.Read(scopes), boot.Read(epochs)), null);
    }
}
