using Broker.SignIn.Wallet;

namespace Broker.Tests.SignIn;

public class SiweParserTests
{
    public static TheoryData<string> PublishedPositive => [.. PublishedSiweVectors.Positive.Keys];

    public static TheoryData<string> PublishedNegative => [.. PublishedSiweVectors.Negative.Keys];

    public static TheoryData<string> PublishedBadTimes => [.. PublishedSiweSignatures.BadTimes.Keys];

    [Theory]
    [MemberData(nameof(PublishedPositive))]
    public void Reads_the_published_messages(string name)
    {
        var text = PublishedSiweVectors.Positive[name];
        var message = Read(text.ToString());
        message.Format().ShouldBe(text.ToString());
        (message.Scheme is null ? message.Domain : $"{message.Scheme}://{message.Domain}").ShouldBe(text.Origin);
        message.Address.ToChecksummedString().ShouldBe(text.Address);
        message.AddressIsChecksummed.ShouldBeTrue();
        message.Statement.ShouldBe(text.Statement);
        message.Uri.ShouldBe(text.Uri);
        message.ChainId.ToString().ShouldBe(text.ChainId);
        message.Nonce.ShouldBe(text.Nonce);
        message.IssuedAt.Text.ShouldBe(text.IssuedAt);
        message.IssuedAt.Instant.ShouldBe(DateTimeOffset.Parse(text.IssuedAt));
    }

    [Theory]
    [MemberData(nameof(PublishedNegative))]
    public void Refuses_the_published_wrong_messages(string name) =>
        Refuse(PublishedSiweVectors.Negative[name].Text).ShouldBe(PublishedSiweVectors.Negative[name].Code);

    [Theory]
    [MemberData(nameof(PublishedBadTimes))]
    public void Refuses_the_published_impossible_times(string name) =>
        Refuse(PublishedSiweSignatures.BadTimes[name].Text.ToString())
            .ShouldBe(PublishedSiweSignatures.BadTimes[name].Code);

    [Fact]
    public void Reads_every_optional_line()
    {
        var message = Read(new SiweText
        {
            Tail = "\nExpiration Time: 2021-10-30T16:25:24Z\nNot Before: 2021-09-30T16:25:24.5+02:00"
                + "\nRequest ID: a%20b:@\nResources:\n- urn:x:y\n- https://[2001:db8::1]:8/p?q#f",
        }.ToString());
        message.ExpirationTime!.Instant.ShouldBe(new DateTimeOffset(2021, 10, 30, 16, 25, 24, default));
        message.NotBefore!.Instant.ShouldBe(new DateTimeOffset(2021, 9, 30, 14, 25, 24, 500, default));
        message.RequestId.ShouldBe("a%20b:@");
        message.Resources.ShouldBe(["urn:x:y", "https://[2001:db8::1]:8/p?q#f"]);
    }

    [Fact]
    public void Tells_absent_lines_from_empty_ones()
    {
        var absent = Read(new SiweText().ToString());
        absent.RequestId.ShouldBeNull();
        absent.Resources.ShouldBeNull();
        var empty = Read(new SiweText { Tail = "\nRequest ID: \nResources:" }.ToString());
        empty.RequestId.ShouldBe("");
        empty.Resources.ShouldBeEmpty();
    }

    [Fact]
    public void Reads_an_address_with_its_checksum_or_in_lower_case_only()
    {
        Read(Addressed(SiweText.Checksummed.ToLowerInvariant())).AddressIsChecksummed.ShouldBeFalse();
        Refuse(Addressed("0x" + SiweText.Checksummed[2..].ToUpperInvariant())).ShouldBe("siwe_address");
        Refuse(Addressed(SiweText.Checksummed.Replace("aaA", "aaa", StringComparison.Ordinal)))
            .ShouldBe("siwe_address");
        // An address whose checksum happens to be all upper case (EIP-55's example).
        Read(Addressed("0x52908400098527886E0F7030069857D2E4169EE7")).AddressIsChecksummed.ShouldBeTrue();
        Read(Addressed("0x" + new string('0', 40))).Address.ShouldBe(default);
        Refuse(Addressed(SiweText.Checksummed + " ")).ShouldBe("siwe_address");

        static string Addressed(string address) => new SiweText { Address = address }.ToString();
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\n\n")]
    [InlineData(" ")]
    [InlineData("\r")]
    [InlineData("\0")]
    [InlineData("\nIssued At: 2021-09-30T16:25:24.000Z")]
    [InlineData("\nExpiration Time: 2021-09-30T16:25:24Z\nExpiration Time: 2021-09-30T16:25:24Z")]
    [InlineData("\nRequest ID: a\nRequest ID: a")]
    [InlineData("\nResources:\n")]
    [InlineData("\nResources:\nResources:")]
    [InlineData("\nResources: ")]
    [InlineData("\nresources:")]
    [InlineData("\nResources:\n-https://a.b")]
    [InlineData("\nResources:\n- ")]
    [InlineData("\nRequest ID: a/b")]
    [InlineData("\nRequest ID: a b")]
    [InlineData("\nRequest ID: %zz")]
    [InlineData("\nAnything: else")]
    public void Refuses_whatever_else_follows(string tail) =>
        SiweParser.Parse(new SiweText { Tail = tail }.ToString()).Refusal.ShouldNotBeNull();

    [Theory]
    [InlineData("I say \"yes\"")]
    [InlineData("100%")]
    [InlineData("ünïcödé")]
    [InlineData("tab\there")]
    [InlineData("ends in CR\r")]
    [InlineData("a<b>")]
    public void Refuses_statements_beyond_the_grammar(string statement) =>
        Refuse(new SiweText { Statement = statement }.ToString()).ShouldBe("siwe_statement");

    [Theory]
    [InlineData("")]
    [InlineData("1234567")]
    [InlineData("1234567-")]
    [InlineData("12345678 ")]
    [InlineData("１２３４５６７８")]
    public void Refuses_nonces_that_are_short_or_strange(string nonce) =>
        Refuse(new SiweText { Nonce = nonce }.ToString()).ShouldBe("siwe_nonce");

    [Theory]
    [InlineData("")]
    [InlineData("01")]
    [InlineData("+1")]
    [InlineData("-1")]
    [InlineData("1 ")]
    [InlineData("1.0")]
    [InlineData("0x1")]
    [InlineData("1\0")]
    [InlineData("18446744073709551616")]
    public void Refuses_chain_ids_that_are_no_plain_number(string chainId) =>
        Refuse(new SiweText { ChainId = chainId }.ToString()).ShouldBe("siwe_chain_id");

    [Theory]
    [InlineData("0")]
    [InlineData("18446744073709551615")]
    public void Reads_chain_ids_up_to_64_bits(string chainId) =>
        Read(new SiweText { ChainId = chainId }.ToString()).ChainId.ToString().ShouldBe(chainId);

    [Fact]
    public void Refuses_more_than_4096_characters()
    {
        var text = new SiweText { Tail = "\nRequest ID: " }.ToString();
        Read(text.PadRight(SiweParser.LongestMessage, 'a')).Format().Length.ShouldBe(4096);
        Refuse(text.PadRight(SiweParser.LongestMessage + 1, 'a')).ShouldBe("siwe_too_long");
    }

    [Fact]
    public void Refuses_lines_that_end_in_CR_LF() =>
        Refuse(new SiweText().ToString().ReplaceLineEndings("\r\n")).ShouldBe("siwe_preamble");

    [Fact]
    public void A_refusal_never_repeats_the_message()
    {
        var refusal = SiweParser.Parse(new SiweText { Origin = "#<script>" }.ToString()).Refusal!;
        refusal.Detail.ShouldNotContain("script");
    }

    private static SiweMessage Read(string text)
    {
        var result = SiweParser.Parse(text);
        result.Refusal.ShouldBeNull(text);
        return result.Message!;
    }

    private static string Refuse(string text)
    {
        var result = SiweParser.Parse(text);
        result.Message.ShouldBeNull(text);
        return result.Refusal!.Code;
    }
}
