using Broker.Attestation.OsImage;
using Broker.Attestation.Tests.OsImage;

namespace Broker.Fuzz.Targets;

/// <summary>TDX virtual firmware, measured in both orders when it parses.</summary>
internal sealed class FirmwareTarget : IFuzzTarget
{
    public string Name => "tdvf";

    public int Weight => 1;

    public IEnumerable<byte[]> Seeds() =>
    [
        TestFirmware.With(
            new TdvfSection(0, 0x2000, 0xff000, 0x2000, 0, 1), new TdvfSection(0, 0, 0x809000, 0x2000, 2, 0),
            new TdvfSection(0, 0, 0x800000, 0x6000, 3, 0)),
        TestFirmware.With(),
    ];

    public void Execute(byte[] input)
    {
        if (Tdvf.Parse(input) is not { Succeeded: true, Value: { } firmware }) return;
        if (firmware.MrTd(twoPasses: true).Length != 48 || firmware.MrTd(twoPasses: false).Length != 48)
            throw new FuzzFindingException("no MRTD");
        if (firmware.HobLayout() is { Succeeded: true, Value: { } layout }) TdHob.Measure(layout, 4294967296);
    }

    // Each measured operation is a record of 128 bytes; at most 64 MiB of memory are measured.
    public long AllocationBound(int inputLength) => 128L * 1024 * 1024;
}
