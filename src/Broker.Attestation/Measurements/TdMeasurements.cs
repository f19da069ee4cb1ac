using System.Security.Cryptography;
using Broker.Attestation.Quotes;

namespace Broker.Attestation.Measurements;

/// <summary>
/// The identities that dstack derives from a TD report (kms-protocol §6.6): SHA-256 over raw bytes, without separators.
/// </summary>
public static class TdMeasurements
{
    public const int Length = SHA256.HashSizeInBytes;

    /// <summary>SHA-256 of the key-provider event's payload; 32 zero bytes when there is none.</summary>
    public static byte[] MrKeyProvider(ReadOnlySpan<byte> keyProviderInfo)
        => keyProviderInfo.IsEmpty ? new byte[Length] : SHA256.HashData(keyProviderInfo);

    /// <summary>What runs below the application: firmware, kernel, command line, initrd and the key provider.</summary>
    public static byte[] MrSystem(TdReport report, ReadOnlySpan<byte> keyProviderInfo)
        => Hash(report.MrTd, report.RtMr0, report.RtMr1, report.RtMr2, MrKeyProvider(keyProviderInfo));

    /// <summary>
    /// Everything measured, with RTMR3 as replayed. The three identifiers that the host may set take part as soon as
    /// one of them is not zero.
    /// </summary>
    public static byte[] MrAggregated(TdReport report, ReadOnlyMemory<byte> rtmr3)
    {
        ReadOnlyMemory<byte>[] hostSet = [report.MrConfigId, report.MrOwner, report.MrOwnerConfig];
        ReadOnlyMemory<byte>[] measured = [report.MrTd, report.RtMr0, report.RtMr1, report.RtMr2, rtmr3];
        return Array.Exists(hostSet, value => value.Span.ContainsAnyExcept((byte)0))
            ? Hash([.. measured, .. hostSet])
            : Hash(measured);
    }

    private static byte[] Hash(params ReadOnlySpan<ReadOnlyMemory<byte>> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in parts) hash.AppendData(part.Span);
        return hash.GetHashAndReset();
    }
}
