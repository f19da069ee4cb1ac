using Broker.Attestation.OsImage;
using Broker.Attestation.Tests.OsImage;

namespace Broker.Fuzz.Targets;

/// <summary>The kernel of an OS image: its boot header, and the PE image that firmware measures.</summary>
internal sealed class KernelTarget : IFuzzTarget
{
    public string Name => "kernel";

    public int Weight => 20;

    public IEnumerable<byte[]> Seeds()
    {
        byte[] kernel = [.. TestFirmware.PeImage(signature: 0), .. new byte[0x1000]];
        kernel[0x206] = 0x0c;
        kernel[0x207] = 0x02;
        kernel[0x236] = 0x40;
        yield return kernel;
        yield return TestFirmware.PeImage(signature: 8);
    }

    public void Execute(byte[] input)
    {
        Authenticode.Sha384(input);
        if (LinuxKernel.Patch(input, 4096, 4294967296) is { Succeeded: true, Value: { } patched })
            Authenticode.Sha384(patched);
    }

    public long AllocationBound(int inputLength) => (128 * 1024) + (16L * inputLength);
}
