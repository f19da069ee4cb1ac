using System.Text.Json.Serialization;
using Broker.Kms.Keys;

namespace Broker.Kms.Onboarding;

/// <summary>
/// <c>GET /state</c> of the onboard service: how far onboarding is, for the page after a reload and for
/// <c>brokerctl kms status</c>.
/// </summary>
/// <param name="KeysStored">Whether everything that the main service needs is there.</param>
/// <param name="CaPubkey">After a bootstrap: the key provider id, in hex.</param>
/// <param name="K256Pubkey">After a bootstrap: the key that signs, in hex.</param>
internal sealed record OnboardState(bool KeysStored, string? CaPubkey, string? K256Pubkey)
{
    public static OnboardState Of(KeyDirectory folder)
    {
        var stored = folder.IsComplete;
        var info = stored ? BootstrapInfo.Read(folder) : null;
        return new OnboardState(stored, info?.CaPublicKey, info?.K256PublicKey);
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(OnboardState))]
internal sealed partial class OnboardStateJson : JsonSerializerContext;
