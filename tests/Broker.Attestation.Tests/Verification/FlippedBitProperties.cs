using System.Text;
using Broker.Attestation.Quotes;
using Broker.Attestation.Verification;
using FsCheck;
using FsCheck.Fluent;

namespace Broker.Attestation.Tests.Verification;

/// <summary>
/// One bit changed anywhere under a signature, in the quote or in its collateral, and the quote is refused.
/// </summary>
public class FlippedBitProperties
{
    public static TheoryData<string> Genuine
        => ["r01_v4_uptodate", "r03_v5_td15_uptodate", "r16_v3_sgx_conf_swhardening"];

    [FixtureTheory, MemberData(nameof(Genuine))]
    public void In_the_signed_region_of_the_quote(string id)
    {
        var given = VerdictCases.Load(id);
        var signed = QuoteParser.Parse(given.Quote).Quote!.SignedRegion.Length;

        RefusesEveryFlip(given, given.Quote.AsMemory(0, signed), given.Collateral.Collateral!);
    }

    [FixtureTheory, MemberData(nameof(Genuine))]
    public void In_the_signatures_the_key_the_report_and_the_authentication_data(string id)
    {
        var given = VerdictCases.Load(id);
        var quote = QuoteParser.Parse(given.Quote).Quote!;
        var start = quote.SignedRegion.Length + 4;
        var wrapper = quote.Header.Version == 3 ? 0 : 6;
        var length = 64 + 64 + wrapper + 384 + 64 + 2 + quote.SignatureData.QeAuthenticationData.Length;

        RefusesEveryFlip(given, given.Quote.AsMemory(start, length), given.Collateral.Collateral!);
    }

    [FixtureTheory, MemberData(nameof(Genuine))]
    public void In_the_root_crl(string id)
        => RefusesEveryFlipOf(
            id, collateral => collateral.RootCaCrl, (collateral, bytes) => collateral with { RootCaCrl = bytes });

    [FixtureTheory, MemberData(nameof(Genuine))]
    public void In_the_pck_crl(string id)
        => RefusesEveryFlipOf(
            id, collateral => collateral.PckCrl, (collateral, bytes) => collateral with { PckCrl = bytes });

    [FixtureTheory, MemberData(nameof(Genuine))]
    public void In_the_tcb_info(string id) => RefusesEveryFlipOf(
        id, collateral => Encoding.Latin1.GetBytes(collateral.TcbInfo),
        (collateral, bytes) => collateral with { TcbInfo = Encoding.Latin1.GetString(bytes) });

    [FixtureTheory, MemberData(nameof(Genuine))]
    public void In_the_qe_identity(string id) => RefusesEveryFlipOf(
        id, collateral => Encoding.Latin1.GetBytes(collateral.QeIdentity),
        (collateral, bytes) => collateral with { QeIdentity = Encoding.Latin1.GetString(bytes) });

    private static void RefusesEveryFlipOf(
        string id, Func<QuoteCollateral, ReadOnlyMemory<byte>> read,
        Func<QuoteCollateral, byte[], QuoteCollateral> replace)
    {
        var given = VerdictCases.Load(id);
        var bytes = read(given.Collateral.Collateral!).ToArray();
        var verifier = new QuoteVerifier(given.Root);

        RefusesFlips(
            bytes, () => verifier.Verify(given.Quote, replace(given.Collateral.Collateral!, bytes), given.Now));
    }

    private static void RefusesEveryFlip(VerdictCase given, Memory<byte> region, QuoteCollateral collateral)
    {
        var verifier = new QuoteVerifier(given.Root);
        var prepared = verifier.Prepare(
            collateral, QuoteParser.Parse(given.Quote).Quote!.Header.TeeType);

        RefusesFlips(region, () => Verify(verifier, QuoteParser.Parse(given.Quote), prepared, given.Now));
    }

    private static QuoteVerdict Verify(
        QuoteVerifier verifier, QuoteParseResult quote, PreparedCollateral collateral, DateTimeOffset now)
        => quote.Succeeded
            ? verifier.Verify(quote.Quote, collateral, now)
            : new RefusedQuote(quote.Refusal, null);

    private static void RefusesFlips(Memory<byte> region, Func<QuoteVerdict> verify)
    {
        verify().ShouldBeOfType<VerifiedQuote>();
        Prop.ForAll(Gen.Choose(0, region.Length * 8 - 1).ToArbitrary(), bit =>
        {
            Flip(region.Span, bit);
            var verdict = verify();
            Flip(region.Span, bit);
            return verdict is RefusedQuote;
        }).QuickCheckThrowOnFailure();
        verify().ShouldBeOfType<VerifiedQuote>();
    }

    private static void Flip(Span<byte> bytes, int bit) => bytes[bit / 8] ^= (byte)(1 << (bit % 8));
}
