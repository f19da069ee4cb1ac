using Broker.Attestation.Quotes;
using Broker.Attestation.Simulation;
using Broker.Attestation.Tests.Simulation;
using Broker.Attestation.Verification;

namespace Broker.Attestation.Tests.Verification;

public sealed class IssuedCertificatesTests : IDisposable
{
    private readonly SimulatedPki _pki = SimulatedPki.Create(Simulated.Now);
    private readonly IssuedCertificates _issued = new(most: 4);

    [Fact]
    public void A_certificate_that_is_known_is_read_once()
    {
        var (leaf, authority) = NewPlatform();

        _issued.TryRead(leaf, authority).ShouldNotBeNull().ShouldBeSameAs(_issued.TryRead(leaf.ToArray(), authority));
    }

    [Fact]
    public void Is_known_of_its_issuer_alone()
    {
        using var stranger = SimulatedPki.Create(Simulated.Now);
        var (leaf, authority) = NewPlatform();
        var (_, namesake) = NewPlatform(stranger);
        _issued.TryRead(leaf, authority).ShouldNotBeNull();

        _issued.TryRead(leaf, namesake).ShouldBeNull();
        _issued.TryRead(leaf, authority).ShouldNotBeNull();
    }

    [Fact]
    public void Knows_nothing_of_a_certificate_that_differs_in_one_bit()
    {
        var (leaf, authority) = NewPlatform();
        _issued.TryRead(leaf, authority).ShouldNotBeNull();
        var known = _issued.Count;

        for (var bit = 0; bit < leaf.Length * 8; bit += 61)
        {
            var forged = leaf.ToArray();
            forged[bit / 8] ^= (byte)(1 << (bit % 8));
            _issued.TryRead(forged, authority).ShouldBeNull($"bit {bit}");
        }

        _issued.Count.ShouldBe(known, "what is not signed is not remembered");
    }

    [Fact]
    public void Remembers_no_more_than_its_bound_and_the_latest_of_all()
    {
        var often = NewPlatform();
        for (var i = 0; i < 20; i++)
        {
            var (leaf, authority) = NewPlatform();
            var known = _issued.TryRead(often.Leaf, often.Authority).ShouldNotBeNull();
            _issued.TryRead(leaf, authority).ShouldNotBeNull();
            _issued.Count.ShouldBeLessThanOrEqualTo(8);
            _issued.TryRead(often.Leaf, often.Authority).ShouldBeSameAs(known, "what is used stays");
        }
    }

    public void Dispose() => _pki.Dispose();

    private (ReadOnlyMemory<byte> Leaf, SgxCertificate Authority) NewPlatform(SimulatedPki? pki = null)
    {
        using var machine = (pki ?? _pki).CreateMachine(
            new SimulatedPlatform { Ppid = new byte[16] }, Simulated.Now);
        var quote = QuoteParser.Parse(machine.Quote(new SimulatedTd().Report(new byte[64]))).Quote.ShouldNotBeNull();
        var chain = PemChain.Read(quote.SignatureData.CertificationData.Span);
        return (chain[0], SgxCertificateReader.TryRead(chain[1]).ShouldNotBeNull());
    }
}
