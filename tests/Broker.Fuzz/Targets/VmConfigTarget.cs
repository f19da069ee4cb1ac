using System.Text;
using Broker.Attestation.VirtualMachine;

namespace Broker.Fuzz.Targets;

internal sealed class VmConfigTarget : IFuzzTarget
{
    public string Name => "vm-config";

    public int Weight => 10;

    public IEnumerable<byte[]> Seeds() =>
    [
        """{"os_image_hash":"aa","cpu_count":2,"memory_size":2147483648,"qemu_version":"8.2.2"}"""u8.ToArray(),
        """{"vm_config":"{\"os_image_hash\":\"aa\",\"tdx_attestation_variant\":\"lite\"}"}"""u8.ToArray(),
        .. Corpus.Files("dstack", "sys-config.json"),
    ];

    public void Execute(byte[] input)
    {
        var text = Encoding.UTF8.GetString(input);
        VmConfig.Parse(text);
        if (VmConfig.Parse(text, unwrapSysConfig: true) is not { Succeeded: true, Value: { } config }) return;
        config.AddsPagesInTwoPasses();
        if (!VmConfig.Parse(config.Canonical()).Succeeded) throw new FuzzFindingException("cannot read what it wrote");
    }

    public long AllocationBound(int inputLength) => 256 * 1024 + (128L * inputLength);
}
