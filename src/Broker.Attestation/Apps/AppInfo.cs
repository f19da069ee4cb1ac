using Broker.Attestation.Codecs;
using Broker.Attestation.Decoding;

namespace Broker.Attestation.Apps;

/// <summary>
/// The app-info extension of certificates that the KMS signs (kms-protocol §5.7): a MessagePack array of binaries in
/// the order of the members. Eight members were written up to v0.5.8, nine since: the ninth is nil or an array.
/// </summary>
public sealed record AppInfo
{
    /// <summary>Far above the some 300 bytes of a real one.</summary>
    public const int MaxLength = 64 * 1024;

    public required ReadOnlyMemory<byte> AppId { get; init; }

    public required ReadOnlyMemory<byte> ComposeHash { get; init; }

    public required ReadOnlyMemory<byte> InstanceId { get; init; }

    public required ReadOnlyMemory<byte> DeviceId { get; init; }

    public required ReadOnlyMemory<byte> MrSystem { get; init; }

    public required ReadOnlyMemory<byte> MrAggregated { get; init; }

    public required ReadOnlyMemory<byte> OsImageHash { get; init; }

    public required ReadOnlyMemory<byte> KeyProviderInfo { get; init; }

    /// <summary>Null stands for nil, and for a writer that knew no ninth member.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>>? InitScriptHashes { get; init; }

    public static AppInfo From(BootInfo boot) => new()
    {
        AppId = boot.AppId.Bytes,
        ComposeHash = boot.ComposeHash.Bytes,
        InstanceId = boot.InstanceId.Bytes,
        DeviceId = boot.DeviceId.Digest,
        MrSystem = boot.MrSystem,
        MrAggregated = boot.MrAggregated,
        OsImageHash = boot.OsImageHash,
        KeyProviderInfo = boot.KeyProviderInfo,
    };

    public static Decoded<AppInfo> Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaxLength)
        {
            return Decoded<AppInfo>.Refused($"app info of {bytes.Length} bytes is above {MaxLength}");
        }

        var reader = new MessagePackReader(bytes);
        var count = reader.ReadArrayHeader();
        if (count is not (8 or 9)) reader.Fail($"an array of {count} members where 8 or 9 belong");
        var info = new AppInfo
        {
            AppId = reader.ReadBytes(),
            ComposeHash = reader.ReadBytes(),
            InstanceId = reader.ReadBytes(),
            DeviceId = reader.ReadBytes(),
            MrSystem = reader.ReadBytes(),
            MrAggregated = reader.ReadBytes(),
            OsImageHash = reader.ReadBytes(),
            KeyProviderInfo = reader.ReadBytes(),
            InitScriptHashes = count == 9 && !reader.TryReadNil() ? ReadHashes(ref reader) : null,
        };
        reader.ExpectEnd();
        return reader.Failure is { } failure ? Decoded<AppInfo>.Refused($"malformed app info: {failure}") : info;
    }

    /// <summary>The nine-member form.</summary>
    public byte[] Encode()
    {
        var writer = new MessagePackWriter();
        writer.WriteArrayHeader(9);
        ReadOnlyMemory<byte>[] members =
            [AppId, ComposeHash, InstanceId, DeviceId, MrSystem, MrAggregated, OsImageHash, KeyProviderInfo];
        foreach (var member in members) writer.WriteBinary(member.Span);
        if (InitScriptHashes is null)
        {
            writer.WriteNil();
        }
        else
        {
            writer.WriteArrayHeader(InitScriptHashes.Count);
            foreach (var hash in InitScriptHashes) writer.WriteBinary(hash.Span);
        }

        return writer.ToArray();
    }

    private static List<ReadOnlyMemory<byte>> ReadHashes(ref MessagePackReader reader)
    {
        var count = reader.ReadArrayHeader();
        var hashes = new List<ReadOnlyMemory<byte>>();
        for (var i = 0; i < count && !reader.Failed; i++) hashes.Add(reader.ReadBytes());
        return hashes;
    }
}
