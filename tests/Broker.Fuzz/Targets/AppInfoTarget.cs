using Broker.Attestation.Apps;


namespace Broker.Fuzz.Targets;

internal sealed class AppInfoTarget : IFuzzTarget
{
    public string Name => "app-info";

    public int Weight => 60;

    public IEnumerable<byte[]> Seeds() =>
    [
        Sample(null).Encode(), Sample([new byte[32], new byte[32]]).Encode(),
    ];

    public void Execute(byte[] input)
    {
        if (AppInfo.Decode(input) is not { Succeeded: true, Value: { } info }) return;
        if (!AppInfo.Decode(info.Encode()).Succeeded) throw new FuzzFindingException("cannot read what it wrote");
    }

    public long AllocationBound(int inputLength) => 32 * 1024 + (64L * inputLength);

    private static AppInfo Sample(IReadOnlyList<ReadOnlyMemory<byte>>? hashes) => new()
    {
        AppId = new byte[20],
        ComposeHash = new byte[32],
        InstanceId = new byte[20],
        DeviceId = new byte[32],
        MrSystem = new byte[32],
        MrAggregated = new byte[32],
        OsImageHash = new byte[32],
        KeyProviderInfo = """{"name":"kms","id":"00"}"""u8.ToArray(),
        InitScriptHashes = hashes,
    };
}
