using Broker.Capabilities;
using Broker.DataClasses;
using Broker.Ledger;
using Broker.Tests.Hosting;

namespace Broker.Tests.DataClasses;

/// <summary>
/// Envelopes of contract §11.5. The golden one is that of two other implementations, Node's crypto and Python's
/// <c>cryptography</c>, which agree.
/// </summary>
public sealed class EnvelopeTests
{
    private const string Golden =
        "02000102030405060708090a0ba9d740cb46d64db0b1e0f5fcde6f8f55d01050139b773f095dc4bba015";

    private static readonly byte[] Plaintext = "sk-or-v1-0123"u8.ToArray();
    private static readonly DataKey Key = DataKey.Parse(DataSite.Kek);
    private static readonly CapabilitySubject Subject =
        SubjectOf(new string('a', 64), new string('b', 64), "openrouter");

    [Fact]
    public void The_golden_envelope_is_sealed_and_opened()
    {
        var nonce = Enumerable.Range(0, 12).Select(value => (byte)value).ToArray();

        Convert.ToHexStringLower(Envelope.Seal(Key, Subject, 7, Plaintext, nonce)).ShouldBe(Golden);
        Envelope.Open(Key, Subject, 7, Convert.FromHexString(Golden)).ShouldBe(Plaintext);
    }

    [Fact]
    public async Task Node_opens_what_is_sealed_here_and_seals_what_is_opened_here()
    {
        byte[][] plaintexts = [[], [0], Plaintext, [.. Enumerable.Range(0, 5000).Select(value => (byte)value)]];
        foreach (var plaintext in plaintexts)
        {
            var verdict = await Npm.RunAsync("envelope-judge.mjs", new
            {
                kek = DataSite.Kek,
                @operator = $"{Subject.Operator}",
                actor = $"{Subject.Actor}",
                service = "OpenRouter",
                epoch = 4_294_967_301,
                plaintext = Convert.ToHexStringLower(plaintext),
                nonce = "ffeeddccbbaa998877665544",
                envelope = Convert.ToHexStringLower(Envelope.Seal(Key, Subject, 4_294_967_301, plaintext)),
            });

            verdict.GetProperty("opened").GetString().ShouldBe(Convert.ToHexStringLower(plaintext));
            Envelope.Open(
                    Key, Subject, 4_294_967_301, Convert.FromHexString(verdict.GetProperty("sealed").GetString()!))
                .ShouldBe(plaintext);
        }
    }

    [Fact]
    public void Nothing_else_opens_it()
    {
        var envelope = Convert.FromHexString(Golden);
        for (var bit = 0; bit < 8 * envelope.Length; bit++)
        {
            var changed = envelope.ToArray();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Envelope.Open(Key, Subject, 7, changed).ShouldBeNull($"bit {bit}");
        }

        for (var length = 0; length < envelope.Length; length++)
            Envelope.Open(Key, Subject, 7, envelope.AsSpan(0, length)).ShouldBeNull($"{length} bytes");
        Envelope.Open(Key, Subject, 8, envelope).ShouldBeNull();
        Envelope.Open(DataKey.Parse(new string('0', 64)), Subject, 7, envelope).ShouldBeNull();
        foreach (var other in (CapabilitySubject[])
            [
                SubjectOf(new string('b', 64), new string('b', 64), "openrouter"),
                SubjectOf(new string('a', 64), new string('a', 64), "openrouter"),
                SubjectOf(new string('a', 64), new string('b', 64), "openroute"),
            ])
            Envelope.Open(Key, other, 7, envelope).ShouldBeNull(other.Service);
    }

    [Fact]
    public void No_two_envelopes_of_the_same_are_the_same() =>
        Enumerable.Range(0, 1000).Select(_ => Convert.ToHexString(Envelope.Seal(Key, Subject, 7, Plaintext)))
            .Distinct().Count().ShouldBe(1000);

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("0x101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e")]
    [InlineData("101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2g")]
    public void A_key_is_64_hex_digits_and_a_wrong_one_is_not_repeated(string value)
    {
        var wrong = Should.Throw<FormatException>(() => DataKey.Parse(value));
        if (value.Length > 0) wrong.Message.ShouldNotContain(value);
    }

    private static CapabilitySubject SubjectOf(string master, string actor, string service) =>
        new(OmniOf(master), OmniOf(actor), $"0x{new string('c', 64)}", service);

    private static ActorOmni OmniOf(string text) => ActorOmni.TryParse(text, out var omni)
        ? omni
        : throw new ArgumentException(text);
}
