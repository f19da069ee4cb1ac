using System.Buffers.Binary;

namespace Broker.KmsAuthorizer.Ethereum;

/// <summary>
/// A value as the Solidity contract ABI encodes it (Solidity documentation, "Contract ABI Specification", formal
/// specification of the encoding). Static values fill one 32-byte word; dynamic ones stand behind an offset.
/// </summary>
internal sealed class AbiValue
{
    public const int WordLength = 32;

    private readonly bool _dynamic;
    private readonly byte[] _encoding;

    private AbiValue(bool dynamic, byte[] encoding) => (_dynamic, _encoding) = (dynamic, encoding);

    public ReadOnlySpan<byte> Encoding => _encoding;

    /// <summary>A <c>bytes32</c>, or an <c>address</c>: both are the bytes at the right end of a word here.</summary>
    public static AbiValue Word(ReadOnlySpan<byte> bytes)
    {
        var word = new byte[WordLength];
        bytes.CopyTo(word.AsSpan(WordLength - bytes.Length));
        return new AbiValue(dynamic: false, word);
    }

    /// <summary>A <c>string</c>: its length in bytes, then UTF-8 filled up with zeros to whole words.</summary>
    public static AbiValue Text(string text)
    {
        var utf8 = System.Text.Encoding.UTF8.GetBytes(text);
        var padded = (utf8.Length + WordLength - 1) / WordLength * WordLength;
        var encoding = new byte[WordLength + padded];
        Length(utf8.Length).CopyTo(encoding.AsSpan());
        utf8.CopyTo(encoding.AsSpan(WordLength));
        return new AbiValue(dynamic: true, encoding);
    }

    /// <summary>A dynamic array (<c>T[]</c>): the number of items, then the items as a tuple.</summary>
    public static AbiValue List(IReadOnlyCollection<AbiValue> items) =>
        new(dynamic: true, [.. Length(items.Count), .. Tuple([.. items])._encoding]);

    /// <summary>
    /// A tuple, or a function's argument list: the heads of all members, then the tails of the dynamic ones. A dynamic
    /// member's head is its tail's distance in bytes from the start of this tuple.
    /// </summary>
    public static AbiValue Tuple(params IReadOnlyList<AbiValue> members)
    {
        var heads = new List<byte>();
        var tails = new List<byte>();
        var headLength = members.Sum(member => member._dynamic ? WordLength : member._encoding.Length);
        foreach (var member in members)
        {
            heads.AddRange(member._dynamic ? Length(headLength + tails.Count) : member._encoding);
            if (member._dynamic) tails.AddRange(member._encoding);
        }

        return new AbiValue(members.Any(member => member._dynamic), [.. heads, .. tails]);
    }

    private static byte[] Length(int value)
    {
        var word = new byte[WordLength];
        BinaryPrimitives.WriteInt32BigEndian(word.AsSpan(WordLength - sizeof(int)), value);
        return word;
    }
}
