namespace Broker.KmsAuthorizer.Policy;

/// <summary>auth-simple's reasons, word for word: operators and scripts search for them.</summary>
internal static class DenialReasons
{
    public const string TcbStatus = "TCB status is not allowed";
    public const string Advisory = "advisory ID is not allowed";
    public const string OsImage = "OS image is not allowed";
    public const string AggregatedMr = "aggregated MR not allowed";
    public const string KmsDevice = "KMS is not allowed to boot on this device";
    public const string AppUnknown = "app not registered";
    public const string ComposeHash = "compose hash not allowed";
    public const string AppDevice = "app is not allowed to boot on this device";
}
