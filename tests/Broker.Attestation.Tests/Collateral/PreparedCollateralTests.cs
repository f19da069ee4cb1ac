using Broker.Attestation.Collateral;
using Broker.Attestation.Quotes;
using Broker.Attestation.Simulation;
using Broker.Attestation.Tests.Simulation;
using Broker.Attestation.Verification;

namespace Broker.Attestation.Tests.Collateral;

/// <summary>What was read and checked once is judged anew with every quote.</summary>
public class PreparedCollateralTests
{
    private readonly SimulatedPki _pki = SimulatedPki.Create(Simulated.Now.AddMonths(-1));
    private readonly TrustAnchors _anchors;
    private readonly QuoteVerifier _verifier;
    private readonly Given _given = new();

    public PreparedCollateralTests()
    {
        _anchors = TrustAnchors.External(_pki.Root, Simulated.Consent);
        _verifier = new QuoteVerifier(_anchors);
        _given.Collateral = _verifier.Prepare(_pki.IssueCollateral(Simulated.Now), TeeType.Tdx);
    }

    [Fact]
    public async Task Of_another_platform_family_is_refused()
    {
        using var machine = _pki.CreateMachine(
            new SimulatedPlatform { Ppid = new byte[16], Family = new byte[] { 0xb0, 0xc0, 0x6f, 0, 0, 0 } },
            Simulated.Now);

        var refused = (await JudgeAsync(Quote(machine), Simulated.Now)).ShouldBeOfType<RefusedQuote>();

        refused.Refusal.ShouldBe(
            new QuoteRefusal(QuoteRefusalReason.TcbInfoMismatch, "TCB info is for another FMSPC"));
        _given.Asked.ShouldNotBeNull().Fmspc.ShouldBe("b0c06f000000");
    }

    [Fact]
    public async Task Of_another_kind_of_TEE_is_refused()
    {
        _given.Collateral = _verifier.Prepare(_pki.IssueCollateral(Simulated.Now), TeeType.Sgx);

        (await JudgeAsync(Quote(), Simulated.Now)).ShouldBeOfType<RefusedQuote>();
    }

    [Fact]
    public async Task Of_another_PCK_CA_is_refused()
    {
        using var stranger = SimulatedPki.Create(Simulated.Now.AddMonths(-1));
        var foreign = stranger.IssueCollateral(Simulated.Now);
        var ours = _pki.IssueCollateral(Simulated.Now);
        _given.Collateral = _verifier.Prepare(
            ours with { PckCrl = foreign.PckCrl, PckCrlIssuerChain = foreign.PckCrlIssuerChain }, TeeType.Tdx);

        Reason(await JudgeAsync(Quote(), Simulated.Now)).ShouldBe(QuoteRefusalReason.PckCrlSignature);
    }

    [Fact]
    public async Task Of_another_root_is_never_judged_with()
    {
        using var stranger = SimulatedPki.Create(Simulated.Now.AddMonths(-1));
        var foreign = new QuoteVerifier(TrustAnchors.External(stranger.Root, Simulated.Consent));
        _given.Collateral = foreign.Prepare(stranger.IssueCollateral(Simulated.Now), TeeType.Tdx);

        await Should.ThrowAsync<ArgumentException>(() => JudgeAsync(Quote(), Simulated.Now));
    }

    [Fact]
    public async Task Is_refused_once_it_has_ended_and_before_it_begins()
    {
        var quote = Quote();
        (await JudgeAsync(quote, Simulated.Now)).ShouldBeOfType<VerifiedQuote>();

        Reason(await JudgeAsync(quote, Simulated.Now.AddDays(31))).ShouldBe(QuoteRefusalReason.TcbInfoExpired);
        Reason(await JudgeAsync(quote, Simulated.Now.AddDays(-1))).ShouldBe(QuoteRefusalReason.RootCrlNotYetValid);
        (await JudgeAsync(quote, Simulated.Now)).ShouldBeOfType<VerifiedQuote>();
    }

    [Fact]
    public async Task A_chain_that_is_known_is_refused_once_its_certificate_has_ended()
    {
        using var old = _pki.CreateMachine(new SimulatedPlatform { Ppid = new byte[16] }, Simulated.Now.AddMonths(-3));
        var quote = Quote(old);
        (await JudgeAsync(quote, Simulated.Now)).ShouldBeOfType<VerifiedQuote>();

        var later = Simulated.Now.AddYears(7).AddMonths(-2);
        _given.Collateral = _verifier.Prepare(_pki.IssueCollateral(later), TeeType.Tdx);

        Reason(await JudgeAsync(quote, later)).ShouldBe(QuoteRefusalReason.PckCertExpired);
    }

    [Fact]
    public async Task A_newer_CRL_counts_at_once_although_the_chain_was_verified_before()
    {
        using var machine = _pki.CreateMachine(new SimulatedPlatform { Ppid = new byte[16] }, Simulated.Now);
        var quote = Quote(machine);
        var origin = new Origin { Next = _pki.IssueCollateral(Simulated.Now) };
        var verifier = new CollateralBackedVerifier(_anchors, origin);
        (await verifier.VerifyAsync(quote, Simulated.Now, CancellationToken.None)).ShouldBeOfType<VerifiedQuote>();
        (await verifier.VerifyAsync(quote, Simulated.Now, CancellationToken.None)).ShouldBeOfType<VerifiedQuote>();

        origin.Next = _pki.IssueCollateral(Simulated.Now, machine.PckSerial);

        Reason(await verifier.VerifyAsync(quote, Simulated.Now, CancellationToken.None))
            .ShouldBe(QuoteRefusalReason.PckCertRevoked);
    }

    [Fact]
    public async Task The_same_collateral_is_prepared_once_and_other_collateral_anew()
    {
        var origin = new Origin { Next = _pki.IssueCollateral(Simulated.Now) };
        var source = new PreparingCollateralSource(origin, _verifier);
        var key = new CollateralKey(TeeType.Tdx, "51b000000000", PckCa.Platform);
        var first = await source.GetAsync(key, CancellationToken.None);

        // The same content, as a file that is read again gives it.
        origin.Next = QuoteCollateralJson.Read(QuoteCollateralJson.Write(origin.Next)).Collateral!;
        (await source.GetAsync(key, CancellationToken.None)).ShouldBeSameAs(first);

        foreach (var changed in Changes(origin.Next))
        {
            origin.Next = changed;
            (await source.GetAsync(key, CancellationToken.None)).Source.ShouldBeSameAs(changed);
        }
    }

    private static IEnumerable<QuoteCollateral> Changes(QuoteCollateral given) =>
    [
        given with { PckCrlIssuerChain = given.PckCrlIssuerChain + "\n" },
        given with { RootCaCrl = Flipped(given.RootCaCrl) },
        given with { PckCrl = Flipped(given.PckCrl) },
        given with { TcbInfoIssuerChain = given.TcbInfoIssuerChain + "\n" },
        given with { TcbInfo = given.TcbInfo + " " },
        given with { TcbInfoSignature = Flipped(given.TcbInfoSignature) },
        given with { QeIdentityIssuerChain = given.QeIdentityIssuerChain + "\n" },
        given with { QeIdentity = given.QeIdentity + " " },
        given with { QeIdentitySignature = Flipped(given.QeIdentitySignature) },
        given with { PckCertificateChain = "" },
    ];

    private static byte[] Flipped(ReadOnlyMemory<byte> bytes)
    {
        var flipped = bytes.ToArray();
        flipped[^1] ^= 1;
        return flipped;
    }

    private Quote Quote()
    {
        using var machine = _pki.CreateMachine(new SimulatedPlatform { Ppid = new byte[16] }, Simulated.Now);
        return Quote(machine);
    }

    private static Quote Quote(SimulatedMachine machine)
        => QuoteParser.Parse(machine.Quote(new SimulatedTd().Report(new byte[64]))).Quote.ShouldNotBeNull();

    private Task<QuoteVerdict> JudgeAsync(Quote quote, DateTimeOffset now)
        => new CollateralBackedVerifier(_anchors, _given).VerifyAsync(quote, now, CancellationToken.None);

    private static QuoteRefusalReason Reason(QuoteVerdict verdict)
        => verdict.ShouldBeOfType<RefusedQuote>().Refusal.Reason;

    private sealed class Given : ICollateralSource
    {
        public PreparedCollateral? Collateral { get; set; }

        public CollateralKey? Asked { get; private set; }

        public Task<PreparedCollateral> GetAsync(CollateralKey key, CancellationToken stop)
        {
            Asked = key;
            return Task.FromResult(Collateral!);
        }
    }

    private sealed class Origin : ICollateralOrigin
    {
        public required QuoteCollateral Next { get; set; }

        public Task<QuoteCollateral> FetchAsync(CollateralKey key, CancellationToken stop) => Task.FromResult(Next);
    }
}
