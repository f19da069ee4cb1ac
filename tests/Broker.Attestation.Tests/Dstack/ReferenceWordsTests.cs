using Broker.Attestation.Collateral;
using Broker.Attestation.Evidence;
using Broker.Attestation.Quotes;
using Broker.Attestation.Simulation;
using Broker.Attestation.Tests.Simulation;

namespace Broker.Attestation.Tests.Dstack;

/// <summary>The words of kms-protocol §6.4 for three kinds of trust domain that no workload may run in.</summary>
public class ReferenceWordsTests(Simulated simulated) : IClassFixture<Simulated>
{
    private static readonly ReadOnlyMemory<byte> Something = (byte[])[1, .. new byte[47]];

    [Theory]
    [InlineData(QuoteBodyType.TdReport10)]
    [InlineData(QuoteBodyType.TdReport15)]
    public async Task Of_a_debuggable_one(QuoteBodyType type) => await ShouldRefuseAsync(
        new SimulatedTd { Attributes = TdAttributes.SeptVeDisable | TdAttributes.Debug },
        type, "TD_DEBUG", "Debug mode is not allowed");

    [Theory]
    [InlineData(QuoteBodyType.TdReport10)]
    [InlineData(QuoteBodyType.TdReport15)]
    public async Task Of_one_whose_module_another_signed(QuoteBodyType type) => await ShouldRefuseAsync(
        new SimulatedTd { MrSignerSeam = Something }, type, "TDX_MODULE_MISMATCH", "Invalid mr signer seam");

    [Fact]
    public async Task Of_one_with_a_service_TD() => await ShouldRefuseAsync(
        new SimulatedTd { MrServiceTd = Something },
        QuoteBodyType.TdReport15, "TD_SERVICE_TD", "Invalid mr service td");

    private async Task ShouldRefuseAsync(SimulatedTd td, QuoteBodyType type, string code, string words)
    {
        using var machine = simulated.Machine();
        var quote = machine.Quote(td.Report(new byte[64], type));
        var evidence = TdxAttestation.FromQuoteAndEventLog(quote, "[]"u8.ToArray()).Value.ShouldNotBeNull();
        var source = new FixedSource(simulated.Pki.IssueCollateral(Simulated.Now));
        var verifier = new AttestationVerifier(new CollateralBackedVerifier(simulated.Anchors, source));

        var verdict = await verifier.VerifyAsync(evidence, null, Simulated.Now, CancellationToken.None);

        verdict.ShouldBeOfType<RefusedAttestation>().Refusal.ShouldBe(new AttestationRefusal(code, words));
    }

    private sealed class FixedSource(QuoteCollateral collateral) : ICollateralOrigin
    {
        public Task<QuoteCollateral> FetchAsync(CollateralKey key, CancellationToken stop) => Task.FromResult(collateral);
    }
}
