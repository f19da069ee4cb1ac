using System.Text.Encodings.Web;
using System.Text.Json;

namespace Broker.KmsAuthorizer.Http;

/// <summary>
/// Everything the authorizer logs. Values from requests, files and nodes are escaped as JSON strings are, so that none
/// of them can start a line of its own; a node's address appears without its path, which may hold an access key.
/// </summary>
internal static partial class Log
{
    private const int MaxValueLength = 200;

    /// <summary>Escapes control characters and quotes; what only matters inside HTML stays readable.</summary>
    private static readonly JavaScriptEncoder Escape = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    [LoggerMessage(1, LogLevel.Information, "Server listening on {Address}")]
    public static partial void Listening(ILogger log, string address);

    [LoggerMessage(2, LogLevel.Information, "Policy file: {Path} (read for every request)")]
    public static partial void PolicyFile(ILogger log, string path);

    [LoggerMessage(3, LogLevel.Information, "Connected to Ethereum RPC: {Endpoint} (chain {ChainId})")]
    public static partial void Connected(ILogger log, string endpoint, ulong chainId);

    [LoggerMessage(4, LogLevel.Information, "KMS contract loaded: {Contract}")]
    public static partial void ContractLoaded(ILogger log, string contract);

    [LoggerMessage(5, LogLevel.Error, "Policy file {Path} cannot be used, everything is denied: {Reason}")]
    private static partial void PolicyUnusableCore(ILogger log, string path, string reason);

    [LoggerMessage(6, LogLevel.Error, "Ethereum RPC {Endpoint} cannot be used, everything is denied: {Reason}")]
    private static partial void ChainUnavailableCore(ILogger log, string endpoint, string reason);

    [LoggerMessage(9, LogLevel.Debug, "Ethereum RPC said: {Text}")]
    private static partial void NodeSaidCore(ILogger log, string text);

    [LoggerMessage(7, LogLevel.Warning, "{Subject} boot request refused as invalid: {Fault}")]
    private static partial void InvalidCore(ILogger log, BootSubject subject, string fault);

    [LoggerMessage(8, LogLevel.Information, "{Subject} boot {Verdict}: appId={AppId} composeHash={ComposeHash} "
        + "instanceId={InstanceId} deviceId={DeviceId} mrAggregated={MrAggregated} osImageHash={OsImageHash} "
        + "tcbStatus={TcbStatus}")]
    private static partial void VerdictCore(
        ILogger log, BootSubject subject, string verdict, string appId, string composeHash, string instanceId,
        string deviceId, string mrAggregated, string osImageHash, string tcbStatus);

    public static void PolicyUnusable(ILogger log, string path, string reason) =>
        PolicyUnusableCore(log, path, Safe(reason));

    public static void ChainUnavailable(ILogger log, string endpoint, string reason) =>
        ChainUnavailableCore(log, endpoint, Safe(reason));

    public static void NodeSaid(ILogger log, string text) => NodeSaidCore(log, Safe(text));

    public static void Invalid(ILogger log, BootSubject subject, string fault) =>
        InvalidCore(log, subject, Safe(fault));

    public static void Verdict(ILogger log, BootSubject subject, BootInfo boot, BootVerdict verdict)
    {
        var said = verdict switch
        {
            BootVerdict.Allowed => "allowed",
            BootVerdict.Denied denied => $"denied ({Safe(denied.Reason)})",
            BootVerdict.Invalid invalid => $"refused as invalid ({Safe(invalid.Refusal.Detail)})",
            _ => "denied (nobody to ask)",
        };
        VerdictCore(
            log, subject, said, Safe(boot.AppId), Safe(boot.ComposeHash), Safe(boot.InstanceId), Safe(boot.DeviceId),
            Safe(boot.MrAggregated), Safe(boot.OsImageHash), Safe(boot.TcbStatus));
    }

    private static string Safe(string value) =>
        JsonEncodedText.Encode(value[..Math.Min(value.Length, MaxValueLength)], Escape).Value;
}
