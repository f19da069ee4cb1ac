namespace Broker.Cryptography.Tests;

public class EthereumAddressTests
{
    // The examples of EIP-55.
    public static TheoryData<string> Checksummed => new()
    {
        "0x52908400098527886E0F7030069857D2E4169EE7",
        "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
        "0xde709f2102306220921060314715629080e2fb77",
        "0x27b1fdb04752bbc536007a920d24acb045561c26",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
        "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    };

    [Theory]
    [MemberData(nameof(Checksummed))]
    public void Prints_the_checksum_of_EIP_55(string expected)
    {
        EthereumAddress.TryParse(expected, out var address).ShouldBeTrue();
        address.ToChecksummedString().ShouldBe(expected);
        address.IsChecksummedAs(expected).ShouldBeTrue();
        address.ToString().ShouldBe(expected.ToLowerInvariant());
    }

    [Theory]
    [MemberData(nameof(Checksummed))]
    public void Reads_lower_and_upper_case_without_a_checksum(string checksummed)
    {
        var address = EthereumAddress.Parse(checksummed);
        EthereumAddress.Parse(checksummed.ToLowerInvariant()).ShouldBe(address);
        EthereumAddress.Parse("0x" + checksummed[2..].ToUpperInvariant()).ShouldBe(address);
    }

    [Fact]
    public void Refuses_mixed_case_with_a_wrong_checksum()
    {
        const string right = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
        for (var i = 2; i < right.Length; i++)
        {
            if (!char.IsAsciiLetter(right[i])) continue;
            var flipped = right[..i] + (char)(right[i] ^ 0x20) + right[(i + 1)..];
            EthereumAddress.TryParse(flipped, out var address).ShouldBeFalse(flipped);
            address.ShouldBe(default);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("0x")]
    [InlineData("5aaeb6053f3e94c9b9a09f33669435e7ef1beaed")]
    [InlineData("0X5aaeb6053f3e94c9b9a09f33669435e7ef1beaed")]
    [InlineData("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beae")]
    [InlineData("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaedd")]
    [InlineData("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaeg")]
    [InlineData(" 0x5aaeb6053f3e94c9b9a09f33669435e7ef1beae")]
    public void Refuses_what_is_no_address(string text)
    {
        EthereumAddress.TryParse(text, out _).ShouldBeFalse();
        Should.Throw<FormatException>(() => EthereumAddress.Parse(text));
    }

    [Fact]
    public void The_default_is_the_zero_address() =>
        default(EthereumAddress).ToString().ShouldBe("0x" + new string('0', 40));

    [Fact]
    public void Copies_the_bytes_it_was_made_of()
    {
        var bytes = Bytes.Counting(20);
        var copy = new byte[20];
        new EthereumAddress(bytes).CopyTo(copy);
        copy.ShouldBe(bytes);
    }
}
