using System.Buffers.Binary;
using System.Text;
using Broker.Cryptography;
using Broker.Foundation;
using Broker.Foundation.Results;
using Broker.KmsAuthorizer.Ethereum;

namespace Broker.Capabilities;

/// <summary>
/// Gates from contracts on a chain (contract §2.17), read by <c>eth_call</c> at the newest block. A call is tried four
/// times, after 150, 300 and 600 ms, where the connection, a 5xx or an answer that is not JSON was what failed.
/// </summary>
internal sealed partial class ChainGates(
    JsonRpcClient node, ChainPlaces places, TimeProvider time, ILogger<ChainGates> log) : ICapabilityGates
{
    public const string ClientName = "capability-chain";

    private const string Call = "eth_call";
    private const int WordLength = 32;
    private const int DeviceWords = 11;
    private const byte CapabilityMint = 0x01;

    internal static readonly byte[] GetDevice = Selector("getDevice(bytes32)");
    internal static readonly byte[] IsServiceInScope = Selector("isServiceInScope(bytes32,bytes32,bytes32)");
    internal static readonly byte[] CurrentEpoch = Selector("currentEpoch()");

    private static readonly TimeSpan[] Waits =
        [TimeSpan.FromMilliseconds(150), TimeSpan.FromMilliseconds(300), TimeSpan.FromMilliseconds(600)];

    public async ValueTask<Result<CapabilityFacts>> LookAsync(CapabilitySubject subject, CancellationToken stop)
    {
        try
        {
            var device = await DeviceAsync(subject, stop);
            var isInScope = subject.Operator == subject.Actor || await IsInScopeAsync(subject, stop);
            return new CapabilityFacts(device, isInScope, await EpochAsync(stop));
        }
        catch (EthereumUnavailableException unavailable)
        {
            LogUnavailable(log, unavailable.Message);
            if (unavailable.Said is { } said) LogNodeSaid(log, ForeignText.WithoutSecrets(said));
            return new Refusal(CapabilityRefusals.ChainRpcError, "the chain did not answer");
        }
    }

    internal static byte[] Selector(string signature) => Keccak256.HashData(Encoding.ASCII.GetBytes(signature))[..4];

    /// <summary>
    /// Eleven words: operator, actor, credential id, relying party hash, public key x and y, tier, roles, registered
    /// at, last sign count, revoked. A device that was never registered is all zeros.
    /// </summary>
    private async Task<DeviceRecord?> DeviceAsync(CapabilitySubject subject, CancellationToken stop)
    {
        var words = await CallAsync(places.Registry, DeviceWords, stop, GetDevice, Word(subject.DeviceKeyHash[2..]));
        if (IsZero(words, 8)) return null;
        return new DeviceRecord(
            Hex(words, 0), Hex(words, 1), (words[(8 * WordLength) - 1] & CapabilityMint) != 0, !IsZero(words, 10));
    }

    private async Task<bool> IsInScopeAsync(CapabilitySubject subject, CancellationToken stop)
    {
        var words = await CallAsync(
            places.Scopes, 1, stop, IsServiceInScope, Word(subject.Operator.ToString()), Word(subject.Actor.ToString()),
            Keccak256.HashData(Encoding.ASCII.GetBytes(subject.Service)));
        return words.AsSpan(0, WordLength - 1).ContainsAnyExcept((byte)0) || words[WordLength - 1] > 1
            ? throw new EthereumUnavailableException($"{Call}: isServiceInScope is no boolean")
            : words[WordLength - 1] == 1;
    }

    private async Task<long> EpochAsync(CancellationToken stop)
    {
        var words = await CallAsync(places.Epochs, 1, stop, CurrentEpoch);
        var epoch = BinaryPrimitives.ReadInt64BigEndian(words.AsSpan(WordLength - sizeof(long)));
        return words.AsSpan(0, WordLength - sizeof(long)).ContainsAnyExcept((byte)0) || epoch < 0
            ? throw new EthereumUnavailableException($"{Call}: currentEpoch is beyond 63 bits")
            : epoch;
    }

    /// <summary>What a view function answers, so many words at least.</summary>
    private async Task<byte[]> CallAsync(
        EthereumAddress contract, int words, CancellationToken stop, params byte[][] input)
    {
        var transaction = new
        {
            to = contract.ToString(),
            data = $"0x{Convert.ToHexStringLower([.. input.SelectMany(part => part)])}",
        };
        var answer = JsonRpcClient.Data(Call, await AskAsync(transaction, stop));
        return answer.Length >= words * WordLength
            ? answer
            : throw new EthereumUnavailableException($"{Call}: {contract} answered {answer.Length} bytes");
    }

    private async Task<System.Text.Json.JsonElement> AskAsync(object transaction, CancellationToken stop)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await node.CallAsync(Call, stop, transaction, "latest");
            }
            catch (EthereumUnavailableException passing) when (passing.IsPassing && attempt < Waits.Length)
            {
                await Task.Delay(Waits[attempt], time, stop);
            }
        }
    }

    private static byte[] Word(string hex) => Convert.FromHexString(hex);

    private static string Hex(byte[] words, int index) =>
        Convert.ToHexStringLower(words.AsSpan(index * WordLength, WordLength));

    private static bool IsZero(byte[] words, int index) =>
        !words.AsSpan(index * WordLength, WordLength).ContainsAnyExcept((byte)0);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the gates of the chain cannot be read: {Reason}")]
    private static partial void LogUnavailable(ILogger log, string reason);

    /// <summary>At debug only: the text is the node's own.</summary>
    [LoggerMessage(Level = LogLevel.Debug, Message = "the node said: {Text}")]
    private static partial void LogNodeSaid(ILogger log, string text);
}
