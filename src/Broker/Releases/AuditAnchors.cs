namespace Broker.Releases;

/// <summary>Where a release is on record when its answer leaves: the answers' member <c>anchored</c>.</summary>
internal static class AuditAnchors
{
    public static readonly string[] Sqlite = ["sqlite"];
}
