using Broker.Cryptography;

namespace Broker.Ledger.Tests;

/// <summary>What a ledger entry is made of cannot be wrong: each type refuses what its column must not hold.</summary>
public sealed class EntryTypesTests
{
    [Theory]
    [InlineData("")]
    [InlineData("Kind")]
    [InlineData("kind 1")]
    [InlineData("a_kind_whose_name_has_more_than_forty_chars")]
    public void A_kind_has_a_name_in_snake_case(string text) =>
        Should.Throw<ArgumentException>(() => new EntryKind(text));

    [Fact]
    public void Two_features_cannot_declare_the_same_kind() =>
        Should.Throw<ArgumentException>(() => new EntryKinds([new EntryKind("mail"), new EntryKind("mail")]))
            .Message.ShouldContain("\"mail\" is declared twice");

    [Fact]
    public void The_budget_counts_the_kinds_that_say_so() =>
        Entries.Kinds.Spending.ShouldBe(["aws_credentials"]);

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a\nb")]
    [InlineData("é")]
    public void A_session_name_is_printable_ascii(string name) =>
        Should.Throw<ArgumentException>(() => EntrySession.Of(name));

    [Fact]
    public void A_session_name_ends_at_256_characters()
    {
        EntrySession.Of(new string('a', 256)).ToString().Length.ShouldBe(256);
        Should.Throw<ArgumentException>(() => EntrySession.Of(new string('a', 257)));
        default(EntrySession).ToString().ShouldBe("(unauthenticated)");
    }

    [Fact]
    public void Nobody_known_is_written_as_operators_know_it()
    {
        default(EntryActor).WalletText.ShouldBe("unknown");
        default(EntryActor).OmniText.ShouldBeEmpty();
        ActorOmni.TryParse(Entries.Omni, out var omni).ShouldBeTrue();
        EntryActor.Of(omni, wallet: null).WalletText.ShouldBe(Entries.Omni);
    }

    /// <summary>RFC 8785 §3.2.3: members in the order of their names, whatever the order they came in.</summary>
    [Fact]
    public void Evidence_is_canonical_whatever_the_order_and_the_texts()
    {
        var evidence = EntryEvidence.Of(("b", "é<\u2028\""), ("a", "1")).With("aa", "2");

        evidence.ToString().ShouldBe("{\"a\":\"1\",\"aa\":\"2\",\"b\":\"é<\u2028\\\"\"}");
        default(EntryEvidence).ToString().ShouldBeEmpty();
        Should.Throw<ArgumentException>(() => evidence.With("a", "3"));
    }

    [Theory]
    [InlineData("a-bearer-in-the-clear")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("aaaa")]
    [InlineData(null)]
    public void A_digest_is_64_lower_case_hex_digits(string? text)
    {
        Sha256Digest.TryParse(text, out var unset).ShouldBeFalse();

        Should.Throw<InvalidOperationException>(unset.ToString);
    }

    /// <summary>FIPS 180-2, appendix B.1.</summary>
    [Fact]
    public void A_digest_is_that_of_the_standard() => Sha256Digest.Of("abc").ToString()
        .ShouldBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
