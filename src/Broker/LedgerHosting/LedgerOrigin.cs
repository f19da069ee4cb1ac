using Broker.Foundation.Settings;
using Broker.Issuer;

namespace Broker.LedgerHosting;

/// <summary>
/// The ledger's name in its checkpoints: the issuer's host, or on a node without an issuer the machine's, and
/// <c>/ledger</c>. It must not change while the ledger lives.
/// </summary>
internal static class LedgerOrigin
{
    public static string Of(IssuerOptions issuer) => $"{issuer.Authority}/ledger";

    public static string Of(BootEnvironment boot) => boot.ReadOptional(IssuerSettings.Issuer) is { } issuer
        ? $"{new Uri(issuer).Authority}/ledger"
        : $"{Environment.MachineName.ToLowerInvariant()}/ledger";
}
