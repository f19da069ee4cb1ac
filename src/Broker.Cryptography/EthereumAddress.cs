using System.Buffers.Binary;

namespace Broker.Cryptography;

/// <summary>
/// The 20 bytes that name an Ethereum account. Compared by value, so two spellings of one address are equal;
/// its text is lower case (<see cref="ToString"/>) unless the checksummed form is asked for. The default value is the
/// zero address.
/// </summary>
public readonly record struct EthereumAddress
{
    public const int SizeInBytes = 20;

    /// <summary>Length of every textual form: <c>0x</c> and 40 hex digits.</summary>
    public const int TextLength = 2 + (2 * SizeInBytes);

    private readonly ulong _first8;
    private readonly ulong _middle8;
    private readonly uint _last4;

    /// <summary>Reads exactly 20 bytes.</summary>
    /// <exception cref="ArgumentException">Another length.</exception>
    public EthereumAddress(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != SizeInBytes) throw new ArgumentException("an Ethereum address has 20 bytes", nameof(bytes));
        _first8 = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _middle8 = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        _last4 = BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]);
    }

    /// <summary>
    /// The last 20 bytes of the Keccak-256 digest of the key's two coordinates (Yellow Paper, appendix F).
    /// </summary>
    public static EthereumAddress FromPublicKey(Secp256k1PublicKey key) => key.Address;

    /// <summary>
    /// Lenient about case, strict about checksums: <c>0x</c> and 40 hex digits, which may be all lower case or all
    /// upper case without more ado; mixed case claims an EIP-55 checksum, and a wrong one is refused.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, out EthereumAddress address)
    {
        address = default;
        if (text.Length != TextLength || !text.StartsWith("0x", StringComparison.Ordinal)) return false;
        var digits = text[2..];
        Span<byte> bytes = stackalloc byte[SizeInBytes];
        if (Convert.FromHexString(digits, bytes, out _, out _) != System.Buffers.OperationStatus.Done) return false;

        var read = new EthereumAddress(bytes);
        var mixed = digits.ContainsAnyInRange('a', 'f') && digits.ContainsAnyInRange('A', 'F');
        if (mixed && !read.IsChecksummedAs(text)) return false;
        address = read;
        return true;
    }

    /// <summary>
    /// For addresses that the code itself states; input from elsewhere goes through <see cref="TryParse"/>.
    /// </summary>
    /// <exception cref="FormatException">Not an address by the rules of <see cref="TryParse"/>.</exception>
    public static EthereumAddress Parse(ReadOnlySpan<char> text) =>
        TryParse(text, out var address) ? address : throw new FormatException("not an Ethereum address");

    /// <summary>Writes the 20 bytes.</summary>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, _first8);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _middle8);
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], _last4);
    }

    /// <summary>
    /// <c>0x</c> and 40 lower-case hex digits: the form that identifiers, claims and the ledger hold.
    /// </summary>
    public override string ToString() => string.Create(TextLength, this, static (text, address) => address.Write(text));

    /// <summary>The form of EIP-55, whose upper-case letters are a checksum over the lower-case text.</summary>
    public string ToChecksummedString() =>
        string.Create(TextLength, this, static (text, address) => address.WriteChecksummed(text));

    /// <summary>True when <paramref name="text"/> is this address in exactly the letter case of EIP-55.</summary>
    public bool IsChecksummedAs(ReadOnlySpan<char> text)
    {
        Span<char> expected = stackalloc char[TextLength];
        WriteChecksummed(expected);
        return text.SequenceEqual(expected);
    }

    private void Write(Span<char> text)
    {
        Span<byte> bytes = stackalloc byte[SizeInBytes];
        CopyTo(bytes);
        "0x".CopyTo(text);
        Convert.TryToHexStringLower(bytes, text[2..], out _);
    }

    private void WriteChecksummed(Span<char> text)
    {
        Write(text);
        var digits = text[2..];
        Span<byte> ascii = stackalloc byte[2 * SizeInBytes];
        for (var i = 0; i < ascii.Length; i++) ascii[i] = (byte)digits[i];
        Span<byte> hash = stackalloc byte[Keccak256.HashSizeInBytes];
        Keccak256.HashData(ascii, hash);
        for (var i = 0; i < digits.Length; i++)
        {
            var nibble = i % 2 == 0 ? hash[i / 2] >> 4 : hash[i / 2] & 0xF;
            if (nibble >= 8) digits[i] = char.ToUpperInvariant(digits[i]);
        }
    }
}
