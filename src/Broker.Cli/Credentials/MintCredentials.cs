using Broker.Cli.Client;
using Broker.Cli.Terminal;

namespace Broker.Cli.Credentials;

/// <summary>Which credentials are wanted.</summary>
/// <param name="Role">By name or ARN; the default one where it is null.</param>
/// <param name="LifetimeSeconds">The broker's usual lifetime where it is null.</param>
internal sealed record CredentialWish(string? Role, int? LifetimeSeconds, string? Reason, string? Region);

/// <summary>Gets credentials from the broker. Each call is a release with an entry of its own.</summary>
internal static class MintCredentials
{
    public static async Task<RoleCredentials> RunAsync(
        BrokerConnection broker, string token, CredentialWish wish, CancellationToken stop)
    {
        var region = wish.Region ?? await RegionAsync(broker, token, wish.Role, stop);
        var minted = await broker.PostAsync(
            "v1/mint-aws-creds?receipt=none", token,
            new MintAwsBody(wish.Role, wish.LifetimeSeconds, wish.Reason), ClientJson.Default.MintAwsBody,
            ClientJson.Default.AwsCredentials, stop);
        return new RoleCredentials(minted, region, minted.Wallet);
    }

    /// <summary>The caller's own choice, as AWS's tools take it; else the role's, which the broker knows.</summary>
    private static async Task<string> RegionAsync(
        BrokerConnection broker, string token, string? role, CancellationToken stop)
    {
        foreach (var name in (string[])["AWS_REGION", "AWS_DEFAULT_REGION"])
        {
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } chosen) return chosen;
        }

        var roles = await broker.GetAsync("v1/roles", token, ClientJson.Default.Roles, stop);
        var found = roles.All.FirstOrDefault(one => role is null ? one.IsDefault : one.Name == role || one.Arn == role);
        return found?.Region ?? throw new CommandFailedException(role is null
            ? "this broker has no default role; name one with --role (brokerctl roles lists them)"
            : $"this broker has no role {role}; brokerctl roles lists those that it has");
    }
}
