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
        services.AddSingleton<IIdempotencyStore, SqliteIdempotencyStore>();
        services.AddSingleton<IdempotentAnswers>();
        services.AddSingleton<AwsGrant>();
    }

    public static void MapAws(this IEndpointRouteBuilder routes) => MintAwsCredentials.Map(routes);
}

[JsonSerializable(typeof(MintAwsCredentialsRequest))]
[JsonSerializable(typeof(MintAwsCredentialsBody))]
[JsonSerializable(typeof(MintAwsCredentialsAnswer))]
internal sealed partial class AwsJson : JsonSerializerContext;
