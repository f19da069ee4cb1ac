using Broker.Foundation.Settings;
using static Broker.Foundation.Settings.SettingForms;

namespace Broker.Receipts;

/// <summary>Who may read the ledger, and who cosigns it.</summary>
internal static class ReceiptSettings
{
    public static readonly Setting<string> OperatorTokenFile = new("BROKER_OPERATOR_TOKEN_FILE", "Ledger",
        "File, mode 0600, with the bearer that may read any entry of the ledger. Unset: only actors read, each its "
        + "own.", FilePath)
    { Form = PathForm, Anchor = "ledger" };

    public static readonly Setting<WitnessAddress[]> Witnesses = new("BROKER_LEDGER_WITNESSES", "Ledger",
        "Witnesses (C2SP tlog-witness) that are asked to cosign the newest checkpoint; off when empty.",
        WitnessAddress.ParseList)
    { Default = "", Form = "comma list of at most 63 <submission URL>|<witness vkey>", Anchor = "witnesses", IsAddress = true };

    /// <summary>In the order in which <c>broker.env.example</c> prints them.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        OperatorTokenFile, Witnesses,
    ];
}
