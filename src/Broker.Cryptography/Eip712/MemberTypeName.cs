using System.Buffers;
using System.Globalization;

namespace Broker.Cryptography.Eip712;

/// <summary>Reads the types of members as they are written: <c>uint256</c>, <c>Person[2][]</c>.</summary>
internal static class MemberTypeName
{
    /// <summary>For the names of structs and members, and types with their brackets.</summary>
    public const int LongestName = 256;

    private const int DeepestArray = 8;
    private const int LongestArray = 1 << 20;

    private static readonly SearchValues<char> NotOfNames = SearchValues.Create("()[],");

    private static readonly SearchValues<char> OfReferences =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

    /// <summary>True for what can name a struct: no white space, no brackets, no comma, and no atomic type.</summary>
    public static bool IsStructName(string name) => IsMemberName(name) && ReadAtomic(name) is null;

    public static bool IsMemberName(string name) =>
        name.Length is > 0 and <= LongestName && !name.AsSpan().ContainsAny(NotOfNames)
        && !name.Any(one => char.IsWhiteSpace(one) || char.IsControl(one));

    /// <summary>
    /// Null for what is no type. Whether a struct of the name exists is not looked at. A struct that others refer to has
    /// a name of ASCII letters, digits and <c>_</c>: wallets disagree on what else is of the name.
    /// </summary>
    public static MemberType? Read(string written)
    {
        if (written.Length is 0 or > LongestName) return null;
        var bracket = written.IndexOf('[', StringComparison.Ordinal);
        var name = bracket < 0 ? written : written[..bracket];
        var type = ReadAtomic(name) ?? (IsReference(name) ? new ReferenceType(name) : null);
        return bracket < 0 || type is null ? type : ReadArrays(type, written.AsSpan(bracket));
    }

    private static bool IsReference(string name) =>
        IsStructName(name) && !name.AsSpan().ContainsAnyExcept(OfReferences);

    private static ArrayType? ReadArrays(MemberType item, ReadOnlySpan<char> brackets)
    {
        MemberType type = item;
        for (var depth = 0; !brackets.IsEmpty; depth++)
        {
            var end = brackets.IndexOf(']');
            if (depth == DeepestArray || brackets[0] != '[' || end < 0) return null;
            var digits = brackets[1..end];
            int? length = null;
            if (!digits.IsEmpty)
            {
                if (digits[0] == '0'
                    || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                    || number > LongestArray)
                    return null;
                length = number;
            }

            type = new ArrayType(type, length);
            brackets = brackets[(end + 1)..];
        }

        return (ArrayType)type;
    }

    private static MemberType? ReadAtomic(string name) => name switch
    {
        "bool" => new BooleanType(),
        "address" => new AddressType(),
        "bytes" => new BytesType(),
        "string" => new StringType(),
        // Not in EIP-712, but wallets take them for 256 bits.
        "uint" => new IntegerType(256, IsSigned: false),
        "int" => new IntegerType(256, IsSigned: true),
        _ when name.StartsWith("uint", StringComparison.Ordinal) => Integer(name.AsSpan(4), isSigned: false),
        _ when name.StartsWith("int", StringComparison.Ordinal) => Integer(name.AsSpan(3), isSigned: true),
        _ when name.StartsWith("bytes", StringComparison.Ordinal) =>
            Number(name.AsSpan(5)) is { } length and >= 1 and <= 32 ? new FixedBytesType(length) : null,
        _ => null,
    };

    private static IntegerType? Integer(ReadOnlySpan<char> digits, bool isSigned) =>
        Number(digits) is { } bits and >= 8 and <= 256 && bits % 8 == 0 ? new IntegerType(bits, isSigned) : null;

    private static int? Number(ReadOnlySpan<char> digits) =>
        digits.Length is > 0 and <= 3 && digits[0] != '0'
        && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
}
