using System.Text;
using System.Text.Json;

namespace Broker.Cryptography.Eip712;

/// <summary>
/// <c>hashStruct</c> and <c>encodeData</c> (EIP-712). Each member becomes one word of 32 bytes. How deep a message
/// nests is bounded by whoever parsed it.
/// </summary>
internal sealed class StructEncoder(StructTypes types)
{
    private const int WordSize = 32;

    /// <param name="path">Where the value stands, for whoever sent it.</param>
    /// <exception cref="FormatException">The value is not of the type.</exception>
    public byte[] HashStruct(StructType type, JsonElement value, string path)
    {
        if (value.ValueKind != JsonValueKind.Object) throw new FormatException($"{path} must be an object");
        var data = new byte[WordSize * (type.Members.Count + 1)];
        types.HashOf(type).CopyTo(data, 0);
        for (var index = 0; index < type.Members.Count; index++)
        {
            var member = type.Members[index];
            var place = $"{path}.{member.Name}";
            if (!value.TryGetProperty(member.Name, out var given)) throw new FormatException($"{place} is missing");
            Encode(member.Type, given, place, data.AsSpan(WordSize * (index + 1), WordSize));
        }

        return Keccak256.HashData(data);
    }

    /// <param name="word">Zero bytes, to be filled.</param>
    private void Encode(MemberType type, JsonElement value, string path, Span<byte> word)
    {
        switch (type)
        {
            case ReferenceType reference:
                if (value.ValueKind != JsonValueKind.Null)
                    HashStruct(types.Of(reference), value, path).CopyTo(word);
                break;
            case ArrayType array:
                Keccak256.HashData(EncodeItems(array, value, path), word);
                break;
            case StringType:
                Keccak256.HashData(Encoding.UTF8.GetBytes(AtomicValue.Text(value, path)), word);
                break;
            case BytesType:
                Keccak256.HashData(AtomicValue.Bytes(value, path), word);
                break;
            default:
                AtomicValue.Write(type, value, path, word);
                break;
        }
    }

    private byte[] EncodeItems(ArrayType type, JsonElement value, string path)
    {
        if (value.ValueKind != JsonValueKind.Array) throw new FormatException($"{path} must be an array");
        var length = value.GetArrayLength();
        if (type.Length is { } wanted && length != wanted)
            throw new FormatException($"{path} must have {wanted} items");
        var items = new byte[WordSize * length];
        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            Encode(type.Item, item, $"{path}[{index}]", items.AsSpan(WordSize * index, WordSize));
            index++;
        }

        return items;
    }
}
