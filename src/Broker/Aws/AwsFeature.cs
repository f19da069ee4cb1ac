using System.Text.Json;
using System.Text.Json.Serialization;
using Broker.Aws.Idempotency;

namespace Broker.Aws;

/// <summary>AWS credentials by way of STS.</summary>
internal static class AwsFeature
{
    public static void AddAws(this IServiceCollection services)
    {
        services.AddSingleton<IStsClient, AwsStsClient>();
        services.AddSingleton<StsExchange>();
        services.AddSingleton<ISignedRequestStore, SqliteSignedRequestStore>();
        services.AddSingleton<SignedMint>();
        services.AddSingleton<IIdempotencyStore, SqliteIdempotencyStore>();
        services.AddSingleton<IdempotentAnswers>();
        services.AddSingleton<DryRun>();
    }

    public static void MapAws(this IEndpointRouteBuilder routes) => MintAwsCredentials.Map(routes);
}

[JsonSerializable(typeof(MintAwsCredentialsRequest))]
[JsonSerializable(typeof(MintAwsCredentialsAnswer))]
[JsonSerializable(typeof(JsonDocument))]
internal sealed partial class AwsJson : JsonSerializerContext;
