using Broker.Attestation.Issuers;

namespace Broker.Attestation.Tests.Issuers;

/// <summary>The bytes that an issuer's quote is over. The vectors were computed by hand and Python's hashlib.</summary>
public class IssuerStatementTests
{
    private const string AllAa = "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqo";
    private const string AllD3 = "09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09M";
    private const string All0F = "Dw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8";

    private static readonly byte[] Nonce = [.. Enumerable.Range(0, 16).Select(value => (byte)value)];

    [Fact]
    public void Is_written_as_documented()
    {
        var statement = IssuerStatement.Of(
            "https://broker.example", DateTimeOffset.FromUnixTimeSeconds(1_780_000_000), Nonce, [AllAa],
            "broker.example/ledger+00000000+AQ==").Value!;

        Convert.ToHexStringLower(statement.Encode()).ShouldBe(
            "010000001668747470733a2f2f62726f6b65722e6578616d706c65000000006a18a500"
            + "00000010000102030405060708090a0b0c0d0e0f"
            + "0000000100000020aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
            + "0000002362726f6b65722e6578616d706c652f6c65646765722b30303030303030302b41513d3d");
        Convert.ToHexStringLower(statement.ReportData()).ShouldBe(
            "fb14d3f9fba389106b47182e6d0c8643e81fa4d8a456bcc47a796dd423e79ebb"
            + "7326841adb2db7d5727f6ec10c79b60a1c0ace65dfe7651fe629ea516b806bcb");
    }

    /// <summary>The order of the spellings is another one: a 0 comes before a D there.</summary>
    [Fact]
    public void Keys_are_in_the_order_of_their_bytes_whatever_order_they_come_in()
    {
        var at = DateTimeOffset.FromUnixTimeSeconds(1);
        foreach (var keys in (string[][])[[AllD3, All0F], [All0F, AllD3], [AllD3, All0F, AllD3]])
        {
            var statement = IssuerStatement.Of("https://broker.example/t", at, default, keys, "k").Value!;

            statement.Keys.ShouldBe([All0F, AllD3]);
            Convert.ToHexStringLower(statement.ReportData()).ShouldBe(
                "1345791d7e6fcaa10c730845b9519729a3331388e9bfee2c7db803b359ccff3e"
                + "3d50b5ec82ea52b092f9a8d64aa9d8e3cb9aea2efcae03b80909756cb876990f");
        }
    }

    [Fact]
    public void Every_member_counts()
    {
        var at = DateTimeOffset.FromUnixTimeSeconds(1_780_000_000);
        IssuerStatement[] all =
        [
            IssuerStatement.Of("https://a.example", at, Nonce, [AllAa], "key").Value!,
            IssuerStatement.Of("https://b.example", at, Nonce, [AllAa], "key").Value!,
            IssuerStatement.Of("https://a.example", at.AddSeconds(1), Nonce, [AllAa], "key").Value!,
            IssuerStatement.Of("https://a.example", at, Nonce.Reverse().ToArray(), [AllAa], "key").Value!,
            IssuerStatement.Of("https://a.example", at, default, [AllAa], "key").Value!,
            IssuerStatement.Of("https://a.example", at, Nonce, [AllD3], "key").Value!,
            IssuerStatement.Of("https://a.example", at, Nonce, [AllAa, AllD3], "key").Value!,
            IssuerStatement.Of("https://a.example", at, Nonce, [AllAa], "kex").Value!,
        ];

        all.Select(one => Convert.ToHexString(one.ReportData())).Distinct().Count().ShouldBe(all.Length);
    }

    [Theory]
    [InlineData(15)]
    [InlineData(65)]
    public void A_nonce_that_is_too_short_or_too_long_is_refused(int length) =>
        IssuerStatement.Of("https://a.example", DateTimeOffset.UnixEpoch, new byte[length], [AllAa], "key")
            .Error.ShouldBe($"nonce has {length} bytes, not 16 to 64");

    [Theory]
    [InlineData("")]
    [InlineData("qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqo=")]
    [InlineData("qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqp")] // the last bits are no zeros
    [InlineData("qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq+")]
    public void What_is_no_thumbprint_is_refused(string key) =>
        IssuerStatement.Of("https://a.example", DateTimeOffset.UnixEpoch, default, [key], "key")
            .Error.ShouldBe("a key is no SHA-256 thumbprint in base64url");
}
