using Broker.Attestation.Dstack;
using Broker.Kms.Authorization;
using Broker.Kms.Configuration;
using Broker.Kms.Keys;
using Broker.Kms.Lifecycle;
using Broker.Kms.Records;
using Broker.Ledger;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Broker.Kms;

/// <summary>How the KMS joins the broker's process.</summary>
public static class KmsModule
{
    /// <summary>
    /// Adds a KMS that starts and stops with the process and listens on its own port with its own TLS. The container must
    /// hold a <see cref="ReleaseLedger"/>, a <see cref="TimeProvider"/> and logging.
    /// </summary>
    public static IServiceCollection AddKms(this IServiceCollection services, KmsOptions options)
    {
        services.AddSingleton(provider => new KmsHost(Build(provider, options)));
        services.AddHostedService(provider => provider.GetRequiredService<KmsHost>());
        return services;
    }

    private static KmsParts Build(IServiceProvider provider, KmsOptions options)
    {
        var time = provider.GetRequiredService<TimeProvider>();
        throw new NotSupportedException(time.ToString());
    }
}
