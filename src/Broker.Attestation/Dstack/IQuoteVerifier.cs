using Broker.Attestation.Verification;

namespace Broker.Attestation.Dstack;

/// <summary>Judges raw quotes; the edge behind which collateral is fetched.</summary>
public interface IQuoteVerifier
{
    /// <summary>The verdict at <paramref name="now"/>. Collateral that cannot be had is a refusal, never a pass.</summary>
    Task<QuoteVerdict> VerifyAsync(ReadOnlyMemory<byte> quote, DateTimeOffset now, CancellationToken stop);
}
