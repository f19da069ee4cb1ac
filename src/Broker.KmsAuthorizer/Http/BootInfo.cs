namespace Broker.KmsAuthorizer.Http;

/// <summary>Whose boot is asked about: the route decides it, never the body.</summary>
internal enum BootSubject
{
    Kms,
    App,
}

/// <summary>
/// What the KMS verified about a confidential VM and now asks about. Measurements and identifiers are hex texts as they
/// came (either case, with or without <c>0x</c>, possibly empty); who needs bytes parses them.
/// </summary>
internal sealed record BootInfo(
    string MrAggregated,
    string MrSystem,
    string OsImageHash,
    string AppId,
    string ComposeHash,
    string InstanceId,
    string DeviceId,
    string TcbStatus,
    IReadOnlyList<string> AdvisoryIds);
