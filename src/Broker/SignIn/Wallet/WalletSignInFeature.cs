using System.Text.Json.Serialization;
using Broker.Identity;

namespace Broker.SignIn.Wallet;

/// <summary>Sign-in with an Ethereum wallet: EIP-4361 message, EIP-191 signature.</summary>
internal static class WalletSignInFeature
{
    public static void AddWalletSignIn(this IServiceCollection services)
    {
        services.AddSingleton<IChallengeStore, SqliteChallengeStore>();
        services.AddSingleton<IWalletBindings, SqliteWalletBindings>();
        services.AddSingleton<ChallengeLimit>();
        services.AddSingleton<WalletProof>();
    }

    public static void MapWalletSignIn(this IEndpointRouteBuilder routes)
    {
        StartWalletSignIn.Map(routes);
        VerifyWalletSignIn.Map(routes);
    }
}

[JsonSerializable(typeof(StartWalletSignInRequest))]
[JsonSerializable(typeof(StartWalletSignInAnswer))]
[JsonSerializable(typeof(VerifyWalletSignInRequest))]
[JsonSerializable(typeof(VerifyWalletSignInAnswer))]
[JsonSourceGenerationOptions(RespectNullableAnnotations = true)]
internal sealed partial class WalletJson : JsonSerializerContext;
