using Broker.Foundation.Settings;
using Broker.Ledger.Refusals;

namespace Broker.LedgerHosting;

/// <summary>How long releases wait for the ledger, and how much of it refusals may fill.</summary>
/// <param name="DiskReserve">In bytes.</param>
internal sealed record LedgerFileOptions(int QueueCapacity, TimeSpan Timeout, RefusalLimits Refusals, long DiskReserve)
{
    public static LedgerFileOptions Read(BootEnvironment boot) => new(
        boot.Read(LedgerSettings.LedgerQueue),
        boot.Read(LedgerSettings.LedgerTimeout),
        new RefusalLimits(boot.Read(LedgerSettings.RefusalsPerSource), boot.Read(LedgerSettings.RefusalsInAll)),
        boot.Read(LedgerSettings.DiskReserve) * 1024L * 1024L);
}
