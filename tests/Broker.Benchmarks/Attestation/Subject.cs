using Broker.Attestation.Collateral;
using Broker.Attestation.Quotes;
using Broker.Attestation.Verification;

namespace Broker.Benchmarks.Attestation;

/// <summary>One quote with its collateral, its root and the time at which both are judged.</summary>
internal sealed record Subject(
    string Name, byte[] Quote, byte[] CollateralJson, ReadOnlyMemory<byte> Root, DateTimeOffset Now)
{
    private QuoteVerifier? _known;
    private CollateralBackedVerifier? _service;

    /// <summary>By a verifier that has met nothing before.</summary>
    public QuoteVerdict First() => NewVerifier().Verify(Quote, Collateral(), Now);

    /// <summary>By a verifier that has met this platform and these signers before.</summary>
    public QuoteVerdict Fresh() => (_known ??= NewVerifier()).Verify(Quote, Collateral(), Now);

    /// <summary>As a service judges it: the collateral is the same as before, and so is prepared.</summary>
    public QuoteVerdict Service()
        => (_service ??= NewService()).VerifyAsync(QuoteParser.Parse(Quote), Now, CancellationToken.None)
            .GetAwaiter().GetResult();

    private QuoteVerifier NewVerifier() => new(NewAnchors());

    private CollateralBackedVerifier NewService() => new(NewAnchors(), new Given(Collateral()));

    private TrustAnchors NewAnchors()
        => TrustAnchors.External(Root, new ExternalTrustAnchorOptions { InsecureAllowExternalTrustAnchors = true });

    private QuoteCollateral Collateral() => QuoteCollateralJson.Read(CollateralJson).Collateral!;

    private sealed class Given(QuoteCollateral collateral) : ICollateralOrigin
    {
        public Task<QuoteCollateral> FetchAsync(CollateralKey key, CancellationToken stop)
            => Task.FromResult(collateral);
    }
}
