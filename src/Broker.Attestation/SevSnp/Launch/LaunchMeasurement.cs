using System.Buffers.Binary;
using System.Security.Cryptography;
using Broker.Attestation.SevSnp.Reports;

namespace Broker.Attestation.SevSnp.Launch;

/// <summary>
/// The MEASUREMENT that AMD's firmware makes of a guest at its launch, page after page (AMD 56860, PAGE_INFO):
/// <code>
/// LD := SHA-384( LD | contents | u16 0x70 | page type | 0 | four zero bytes | guest physical address )
/// </code>
/// where contents is the SHA-384 of a page that is measured, and zero for one that is only named. It starts here where
/// the firmware's own pages are measured already, and goes on with the sections in the firmware's order, then the
/// processors.
/// </summary>
public sealed class LaunchMeasurement
{
    internal const int PageLength = 4096;

    private const int UpdateLength = 0x70;
    private const ulong VmsaGpa = 0x0000_ffff_ffff_f000;

    private readonly byte[] _update = new byte[UpdateLength];

    private LaunchMeasurement(ReadOnlySpan<byte> start)
    {
        start.CopyTo(_update);
        BinaryPrimitives.WriteUInt16LittleEndian(_update.AsSpan(96), UpdateLength);
    }

    /// <summary>48 bytes, or <c>LAUNCH_INPUTS</c> before anything is hashed.</summary>
    public static SnpOutcome<byte[]> Compute(LaunchInputs inputs)
    {
        if (inputs.Fault() is { } fault) return new SnpRefusal(SnpRefusalReason.LaunchInputs, fault);
        var measurement = new LaunchMeasurement(inputs.OvmfHash.Span);
        foreach (var section in inputs.Sections) measurement.Add(section, inputs);

        var signature = ProcessorModels.SignatureOf(inputs.ProcessorModel)!.Value;
        var first = SHA384.HashData(VmsaPage.Create(VmsaPage.FirstEip, signature, inputs.GuestFeatures));
        var others = SHA384.HashData(VmsaPage.Create((uint)inputs.ResetEip, signature, inputs.GuestFeatures));
        for (var processor = 0; processor < inputs.Processors; processor++)
            measurement.Add(PageType.Vmsa, processor == 0 ? first : others, VmsaGpa);
        return measurement._update[..SHA384.HashSizeInBytes];
    }

    private void Add(OvmfSection section, LaunchInputs inputs)
    {
        switch (section.Type)
        {
            case OvmfSection.Secrets:
                Add(PageType.Secrets, default, section.Gpa);
                break;
            case OvmfSection.Cpuid:
                Add(PageType.Cpuid, default, section.Gpa);
                break;
            case OvmfSection.KernelHashes:
                Add(PageType.Normal, SHA384.HashData(KernelHashTable.Page(inputs)), section.Gpa);
                break;
            default:
                for (ulong offset = 0; offset < section.Size; offset += PageLength)
                    Add(PageType.Zero, default, section.Gpa + offset);
                break;
        }
    }

    private void Add(PageType type, ReadOnlySpan<byte> contents, ulong gpa)
    {
        var place = _update.AsSpan(SHA384.HashSizeInBytes, SHA384.HashSizeInBytes);
        if (contents.IsEmpty) place.Clear();
        else contents.CopyTo(place);
        _update[98] = (byte)type;
        BinaryPrimitives.WriteUInt64LittleEndian(_update.AsSpan(104), gpa);
        Span<byte> digest = stackalloc byte[SHA384.HashSizeInBytes];
        SHA384.HashData(_update, digest);
        digest.CopyTo(_update);
    }

    private enum PageType : byte
    {
        Normal = 1,
        Vmsa = 2,
        Zero = 3,
        Secrets = 5,
        Cpuid = 6,
    }
}
