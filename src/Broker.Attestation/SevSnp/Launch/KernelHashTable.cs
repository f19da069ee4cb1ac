using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Broker.Attestation.SevSnp.Launch;

/// <summary>
/// The table by which the firmware checks what it starts:
/// <code>
/// 9438d606-4f22-4cc9-b479-a793d411fd21, u16 168
/// 97d02dd8-bd20-4c94-aa78-e7714d36ab2a, u16 50, SHA-256 of the command line and one NUL
/// 44baf731-3a2f-4bd7-9af1-41e29169781d, u16 50, SHA-256 of the initrd
/// 4de79437-abd2-427f-b835-d5b172d2045b, u16 50, SHA-256 of the kernel
/// </code>
/// GUIDs in mixed endian form, padded to 176 bytes.
/// </summary>
internal static class KernelHashTable
{
    private const int Length = 168;
    private const int PaddedLength = 176;
    private const int EntryLength = 50;
    private const int GuidLength = 16;

    private static readonly Guid Header = new("9438d606-4f22-4cc9-b479-a793d411fd21");
    private static readonly Guid CommandLine = new("97d02dd8-bd20-4c94-aa78-e7714d36ab2a");
    private static readonly Guid Initrd = new("44baf731-3a2f-4bd7-9af1-41e29169781d");
    private static readonly Guid Kernel = new("4de79437-abd2-427f-b835-d5b172d2045b");

    /// <summary>Whether a table at that address ends within its page.</summary>
    public static bool Fits(ulong gpa)
        => (gpa % LaunchMeasurement.PageLength) + PaddedLength <= LaunchMeasurement.PageLength;

    /// <summary>The page that holds the table; all of it is measured.</summary>
    public static byte[] Page(LaunchInputs inputs)
    {
        var page = new byte[LaunchMeasurement.PageLength];
        var table = page.AsSpan((int)(inputs.HashesTableGpa % LaunchMeasurement.PageLength), PaddedLength);
        WriteHeader(table, Header, Length);
        var entries = table[(GuidLength + sizeof(ushort))..];
        Span<byte> commandLine = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(inputs.CommandLine + '\0'), commandLine);
        WriteEntry(entries, CommandLine, commandLine);
        WriteEntry(entries[EntryLength..], Initrd, inputs.InitrdHash.Span);
        WriteEntry(entries[(2 * EntryLength)..], Kernel, inputs.KernelHash.Span);
        return page;
    }

    private static void WriteEntry(Span<byte> entry, Guid kind, ReadOnlySpan<byte> hash)
    {
        WriteHeader(entry, kind, EntryLength);
        hash.CopyTo(entry[(GuidLength + sizeof(ushort))..]);
    }

    private static void WriteHeader(Span<byte> entry, Guid kind, ushort length)
    {
        kind.TryWriteBytes(entry, bigEndian: false, out _);
        BinaryPrimitives.WriteUInt16LittleEndian(entry[GuidLength..], length);
    }
}
