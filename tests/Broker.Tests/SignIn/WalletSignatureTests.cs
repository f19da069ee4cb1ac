using Broker.Cryptography;
using Broker.SignIn.Wallet;

namespace Broker.Tests.SignIn;

public class WalletSignatureTests
{
    public static TheoryData<string> Right => [.. PublishedSiweSignatures.Right.Keys];

    public static TheoryData<string> Wrong => [.. PublishedSiweSignatures.Wrong.Keys];

    [Theory]
    [MemberData(nameof(Right))]
    public void Recovers_the_signers_of_the_published_messages(string name)
    {
        var (text, signature) = PublishedSiweSignatures.Right[name];
        var message = SiweParser.Parse(text.ToString()).Message.ShouldNotBeNull();
        var hash = PersonalMessage.Hash(message.Format());
        Secp256k1.RecoverAddress(hash, Convert.FromHexString(signature), out var signer)
            .ShouldBe(RecoveryOutcome.Recovered);
        signer.ShouldBe(message.Address);
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Recovers_nobody_or_another_from_the_published_wrong_signatures(string name)
    {
        var (text, signature) = PublishedSiweSignatures.Wrong[name];
        var message = SiweParser.Parse(text.ToString()).Message.ShouldNotBeNull();
        // One of them is not even whole bytes.
        var bytes = signature.Length % 2 == 0 ? Convert.FromHexString(signature) : [];
        Secp256k1.RecoverAddress(PersonalMessage.Hash(message.Format()), bytes, out var signer);
        signer.ShouldNotBe(message.Address);
    }

    [Theory]
    [MemberData(nameof(Right))]
    public void A_published_signature_is_good_for_its_own_text_only(string name)
    {
        var (text, signature) = PublishedSiweSignatures.Right[name];
        var other = (text with { Nonce = text.Nonce + "x" }).ToString();
        Secp256k1.RecoverAddress(PersonalMessage.Hash(other), Convert.FromHexString(signature), out var signer);
        signer.ToChecksummedString().ShouldNotBe(text.Address);
    }
}
