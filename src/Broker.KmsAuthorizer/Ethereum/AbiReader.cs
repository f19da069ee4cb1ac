using System.Buffers.Binary;
using System.Text;

namespace Broker.KmsAuthorizer.Ethereum;

/// <summary>
/// Reads a function's return values. Strict: a bool is 0 or 1, an address has twelve zero bytes before it, offsets and
/// lengths stay inside the answer, text is UTF-8 of at most <see cref="MaxTextBytes"/>.
/// </summary>
/// <exception cref="EthereumUnavailableException">From every method, when the answer is not that.</exception>
internal readonly ref struct AbiReader(ReadOnlySpan<byte> answer)
{
    public const int MaxTextBytes = 4096;

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _answer = answer;

    public bool Bool(int index) => Number(Word(index)) switch
    {
        0 => false,
        1 => true,
        _ => throw Malformed("a bool that is neither 0 nor 1"),
    };

    public ReadOnlySpan<byte> Address(int index)
    {
        var word = Word(index);
        return word[..12].ContainsAnyExcept((byte)0) ? throw Malformed("an address longer than 20 bytes") : word[12..];
    }

    public string Text(int index)
    {
        var offset = Number(Word(index));
        if (offset > _answer.Length - AbiValue.WordLength) throw Malformed("a text outside the answer");

        var length = Number(_answer.Slice(offset, AbiValue.WordLength));
        var text = _answer[(offset + AbiValue.WordLength)..];
        if (length > text.Length || length > MaxTextBytes) throw Malformed("a text longer than the answer or limit");
        try
        {
            return StrictUtf8.GetString(text[..length]);
        }
        catch (DecoderFallbackException)
        {
            throw Malformed("a text that is not UTF-8");
        }
    }

    private ReadOnlySpan<byte> Word(int index) => _answer.Length >= (index + 1) * AbiValue.WordLength
        ? _answer.Slice(index * AbiValue.WordLength, AbiValue.WordLength)
        : throw Malformed("too few words; is there a contract at this address?");

    /// <summary>
    /// A number that fits an int; what does not is larger than any answer and becomes <see cref="int.MaxValue"/>.
    /// </summary>
    private static int Number(ReadOnlySpan<byte> word)
    {
        var low = BinaryPrimitives.ReadUInt32BigEndian(word[^sizeof(uint)..]);
        return word[..^sizeof(uint)].ContainsAnyExcept((byte)0) || low > int.MaxValue ? int.MaxValue : (int)low;
    }

    private static EthereumUnavailableException Malformed(string what) => new($"the contract's answer holds {what}");
}
