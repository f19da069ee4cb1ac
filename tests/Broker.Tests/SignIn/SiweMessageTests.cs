using System.Text;
using Broker.Cryptography;
using Broker.SignIn.Wallet;
using FsCheck;
using FsCheck.Fluent;

namespace Broker.Tests.SignIn;

public class SiweMessageTests
{
    private static readonly EthereumAddress Wallet = EthereumAddress.Parse(SiweText.Checksummed);

    private static readonly DateTimeOffset Noon = new(2026, 5, 4, 12, 0, 0, 250, default);

    [Fact]
    public void Issues_the_text_of_the_contract()
    {
        var text = Issue("https://broker.example.org").Format();
        text.ShouldBe(
            """
            broker.example.org wants you to sign in with your Ethereum account:
            0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2

            Authenticate with AgentKeys broker.

            URI: https://broker.example.org
            Version: 1
            Chain ID: 1
            Nonce: 0123456789abcdef0123456789abcdef
            Issued At: 2026-05-04T12:00:00Z
            Expiration Time: 2026-05-04T12:45:00Z
            Resources:
            - urn:agentkeys:client:agentkeys
            """);
        SiweParser.Parse(text).Message.ShouldNotBeNull().Format().ShouldBe(text);
    }

    [Theory]
    [InlineData("http://127.0.0.1:8091", "127.0.0.1:8091")]
    [InlineData("https://broker.example.org:443/oidc", "broker.example.org")]
    [InlineData("http://[::1]:8091", "[::1]:8091")]
    public void Names_the_issuers_host_and_its_port_where_it_is_unusual(string issuer, string domain)
    {
        var message = Issue(issuer);
        message.Domain.ShouldBe(domain);
        message.Uri.ShouldBe(issuer);
        SiweParser.Parse(message.Format()).Refusal.ShouldBeNull();
    }

    [Fact]
    public void Printing_and_parsing_gives_the_message_back() =>
        Prop.ForAll(Messages().ToArbitrary(), message =>
        {
            var text = message.Format();
            var parsed = SiweParser.Parse(text).Message.ShouldNotBeNull(text);
            parsed.Format().ShouldBe(text);
            (parsed.Resources is null).ShouldBe(message.Resources is null);
            (parsed.Resources ?? []).ShouldBe(message.Resources ?? []);
            (parsed with { Resources = null }).ShouldBe(message with { Resources = null });
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_text_that_parses_prints_as_it_was_however_it_was_bent() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(Bent().ToArbitrary(), text =>
        {
            var result = SiweParser.Parse(text);
            (result.Message is null).ShouldBe(result.Refusal is not null);
            result.Message?.Format().ShouldBe(text);
        }));

    [Fact]
    public void Random_bytes_are_refused_and_never_throw() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1000), Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
        {
            SiweParser.Parse(Encoding.Latin1.GetString(bytes)).Refusal.ShouldNotBeNull();
            SiweParser.Parse(Encoding.UTF8.GetString(bytes)).Refusal.ShouldNotBeNull();
        }));

    private static SiweMessage Issue(string issuer) => SiweMessage.ForSignIn(
        new Uri(issuer), Wallet, 1, "0123456789abcdef0123456789abcdef", Noon, TimeSpan.FromMinutes(45), "agentkeys");

    private static Gen<SiweMessage> Messages() =>
        from scheme in OrNull(Gen.Elements("https", "http", "x+y-z.1"))
        from domain in Gen.Elements("a", "a.b:1", "u@[::1]:2", "%41", "127.0.0.1", "[v1.x]")
        from address in ArbMap.Default.GeneratorFor<byte>().ArrayOf(20)
        from isChecksummed in ArbMap.Default.GeneratorFor<bool>()
        from statement in OrNull(Text(" azAZ09-._~:/?#[]@!$&'()*+,;=", 1))
        from uri in Uris()
        from chainId in ArbMap.Default.GeneratorFor<ulong>()
        from nonce in Text("azAZ09", 8)
        from issuedAt in Times()
        from expirationTime in OrNull(Times())
        from notBefore in OrNull(Times())
        from requestId in OrNull(Text("azAZ09-._~:@!$&'()*+,;=", 0))
        from resources in OrNull(Uris().ListOf())
        select new SiweMessage
        {
            Scheme = scheme,
            Domain = domain,
            Address = new EthereumAddress(address),
            AddressIsChecksummed = isChecksummed,
            Statement = statement,
            Uri = uri,
            ChainId = chainId,
            Nonce = nonce,
            IssuedAt = issuedAt,
            ExpirationTime = expirationTime,
            NotBefore = notBefore,
            RequestId = requestId,
            Resources = resources is null ? null : [.. resources],
        };

    /// <summary>Right messages with one character taken out, put in, changed or doubled, or a line moved.</summary>
    private static Gen<string> Bent() =>
        from message in Messages()
        let text = message.Format()
        from at in Gen.Choose(0, text.Length - 1)
        from other in Gen.Elements('\n', ' ', ':', '%', '/', '0', 'Z', 'a', '\r', '\0', 'é', '-', '[')
        from bent in Gen.Elements(
            text.Remove(at, 1),
            text.Insert(at, other.ToString()),
            text.Remove(at, 1).Insert(at, other.ToString()),
            text[..at],
            text[at..],
            string.Join('\n', text.Split('\n').OrderBy(line => (line.Length * 7919) % (at + 2))))
        select bent;

    private static Gen<string> Uris() =>
        Gen.Elements("urn:a", "a:", "https://b/c?d#e", "https://[::]:1", "x:/%20", "did:pkh:eip155:1:0xab");

    private static Gen<SiweTime> Times() =>
        from text in Gen.Elements(
            "2026-05-04T12:00:00Z",
            "2026-05-04t12:00:00.123456789z",
            "0001-01-01T00:00:00Z",
            "2024-02-29T23:59:59+14:30")
        select SiweTime.Parse(text);

    private static Gen<string> Text(string alphabet, int shortest) =>
        from length in Gen.Choose(shortest, 40)
        from characters in Gen.Elements(alphabet.ToCharArray()).ArrayOf(length)
        select new string(characters);

    private static Gen<T?> OrNull<T>(Gen<T> generator)
        where T : class => Gen.OneOf(Gen.Constant<T?>(null), generator.Select(value => (T?)value));
}
