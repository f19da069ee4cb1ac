using System.Security.Cryptography;
using Broker.Attestation.VirtualMachine;

namespace Broker.Fuzz.Targets;

/// <summary>The sums of an OS image: every name that is listed must stay in its folder.</summary>
internal sealed class ImageManifestTarget : IFuzzTarget
{
    private static readonly string Digest = new('a', 64);

    public string Name => "image-manifest";

    public int Weight => 30;

    public IEnumerable<byte[]> Seeds() =>
    [
        System.Text.Encoding.ASCII.GetBytes($"{Digest}  metadata.json\n{Digest}  bzImage\n"),
        System.Text.Encoding.ASCII.GetBytes($"{Digest}\tovmf.fd\r\n\r\n{Digest} initramfs.cpio.gz"),
    ];

    public void Execute(byte[] input)
    {
        if (ImageManifest.Parse(input) is not { Succeeded: true, Value: { } manifest }) return;
        if (!manifest.Hash.AsSpan().SequenceEqual(SHA256.HashData(input)))
            throw new FuzzFindingException("another text's hash");
        foreach (var name in manifest.Files.Keys)
        {
            if (Path.GetDirectoryName(Path.GetFullPath(name, "/images/one")) != "/images/one")
                throw new FuzzFindingException("a name that leaves its folder");
        }
    }

    public long AllocationBound(int inputLength) => (64 * 1024) + (128L * inputLength);
}
