using Broker.Foundation.Settings;

namespace Broker.Receipts;

/// <summary>Who may read any entry, and who cosigns the newest checkpoint.</summary>
/// <param name="OperatorTokenFile">Null where actors read their own entries only.</param>
internal sealed record ReceiptOptions(string? OperatorTokenFile, WitnessAddress[] Witnesses)
{
    public static ReceiptOptions Read(BootEnvironment boot) =>
        new(boot.ReadOptional(ReceiptSettings.OperatorTokenFile), boot.Read(ReceiptSettings.Witnesses));
}
