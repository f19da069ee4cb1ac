using Broker.Configuration;

namespace Broker.Receipts;

/// <summary>Reading the ledger: the tree for anyone, entries and proofs for whom they concern.</summary>
internal static class ReceiptsFeature
{
    /// <exception cref="BootFailException">The operator token's file is not usable.</exception>
    public static void AddReceipts(this IServiceCollection services, BrokerOptions options)
    {
        services.AddSingleton(OperatorToken.Load(options.Operations.OperatorTokenFile));
        services.AddSingleton<EntryReader>();
        services.AddHttpClient(Witnessing.ClientName, client => client.Timeout = TimeSpan.FromSeconds(10));
        services.AddSingleton<Witnessing>();
        services.AddHostedService(provider => provider.GetRequiredService<Witnessing>());
    }

    public static void MapReceipts(this IEndpointRouteBuilder routes)
    {
        PublicLog.Map(routes);
        ReadEntries.Map(routes);
    }
}
