using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.Http;
using Broker.Identity;

namespace Broker.Agents;

/// <summary>Reads what a device says of itself, and checks that it has the key.</summary>
internal static class DeviceClaim
{
    public static Result<DeviceKey> Check(string devicePubkey, string popSignature)
    {
        if (!EthereumAddress.TryParse(devicePubkey, out var address))
            return new Refusal(HttpRefusals.InvalidField, "device_pubkey must be 0x and 40 hex digits");
        var device = new DeviceKey(address);
        return device.CheckPossession(popSignature) is { } unproven ? unproven : device;
    }
}
