using Broker.Foundation.Results;
using Broker.KmsAuthorizer.Http;

namespace Broker.KmsAuthorizer.Ethereum;

/// <summary>The boot request as the contract's struct <c>AppBootInfo</c> (dstack's <c>IAppAuth</c>).</summary>
internal sealed record OnChainBootInfo
{
    /// <summary>The struct's canonical type, which the functions' selectors are made from.</summary>
    public const string Type = "(address,bytes32,address,bytes32,bytes32,bytes32,bytes32,string,string[])";

    private const int AddressLength = 20;

    private OnChainBootInfo(AbiValue encoded) => Encoded = encoded;

    public AbiValue Encoded { get; }

    /// <summary>
    /// Hex shorter than its field is filled up with zeros on the left, as auth-eth does; longer or other text is
    /// refused with the field's name, since cutting it could turn one identity into another.
    /// </summary>
    public static Result<OnChainBootInfo> From(BootInfo boot)
    {
        var faults = new List<string>();
        AbiValue Field(string name, string hex, int length)
        {
            if (TryDecode(hex, length, out var bytes)) return AbiValue.Word(bytes);
            faults.Add($"{name}: must be at most {length} bytes of hex");
            return AbiValue.Word([]);
        }

        var encoded = AbiValue.Tuple(
            Field("appId", boot.AppId, AddressLength),
            Field("composeHash", boot.ComposeHash, AbiValue.WordLength),
            Field("instanceId", boot.InstanceId, AddressLength),
            Field("deviceId", boot.DeviceId, AbiValue.WordLength),
            Field("mrAggregated", boot.MrAggregated, AbiValue.WordLength),
            Field("mrSystem", boot.MrSystem, AbiValue.WordLength),
            Field("osImageHash", boot.OsImageHash, AbiValue.WordLength),
            AbiValue.Text(boot.TcbStatus),
            AbiValue.List([.. boot.AdvisoryIds.Select(AbiValue.Text)]));
        return faults.Count == 0
            ? new OnChainBootInfo(encoded)
            : new Refusal(RequestRefusals.InvalidRequest, string.Join("; ", faults));
    }

    private static bool TryDecode(string hex, int maxLength, out byte[] bytes)
    {
        var digits = hex.StartsWith("0x", StringComparison.Ordinal) ? hex[2..] : hex;
        bytes = [];
        if (digits.Length > 2 * maxLength || !digits.All(char.IsAsciiHexDigit)) return false;
        bytes = Convert.FromHexString(digits.Length % 2 == 0 ? digits : $"0{digits}");
        return true;
    }
}
