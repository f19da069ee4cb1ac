using Broker.Attestation.Quotes;
using FsCheck;
using FsCheck.Fluent;

namespace Broker.Attestation.Tests.Quotes;

public class QuoteCodecProperties
{
    private static readonly Gen<(ushort Version, QuoteBodyType Type)> Shapes = Gen.Elements<(ushort, QuoteBodyType)>(
        (3, QuoteBodyType.EnclaveReport), (4, QuoteBodyType.TdReport10), (5, QuoteBodyType.TdReport10),
        (5, QuoteBodyType.TdReport15), (5, QuoteBodyType.TdReport15Extended));

    [Fact]
    public void Parsing_what_was_encoded_gives_it_back()
        => Prop.ForAll(Quotes().ToArbitrary(), given =>
        {
            var bytes = QuoteEncoder.Encode(
                QuoteEncoder.SignedRegion(given.Header, given.Body), given.Header.Version, given.Data, given.Trailing);

            var parsed = QuoteParser.Parse(bytes).Quote.ShouldNotBeNull();

            parsed.Header.UserData.Span.SequenceEqual(given.Header.UserData.Span).ShouldBeTrue();
            parsed.Header.QeSvn.ShouldBe(given.Header.QeSvn);
            parsed.Body.Type.ShouldBe(given.Body.Type);
            Equal(parsed.Body.Encoded, given.Body.Encoded);
            Equal(parsed.SignatureData.Signature, given.Data.Signature);
            Equal(parsed.SignatureData.AttestationKey, given.Data.AttestationKey);
            Equal(parsed.SignatureData.QeReport.Encoded, given.Data.QeReport.Encoded);
            Equal(parsed.SignatureData.QeReportSignature, given.Data.QeReportSignature);
            Equal(parsed.SignatureData.QeAuthenticationData, given.Data.QeAuthenticationData);
            parsed.SignatureData.CertificationDataType.ShouldBe(given.Data.CertificationDataType);
            Equal(parsed.SignatureData.CertificationData, given.Data.CertificationData);
            Equal(parsed.Trailing, given.Trailing);
            QuoteEncoder.Encode(parsed).ShouldBe(bytes);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void No_prefix_of_a_quote_is_a_quote()
        => Prop.ForAll(Quotes().ToArbitrary(), Gen.Choose(0, int.MaxValue).ToArbitrary(), (given, cut) =>
        {
            var bytes = QuoteEncoder.Encode(
                QuoteEncoder.SignedRegion(given.Header, given.Body), given.Header.Version, given.Data);

            var refusal = QuoteParser.Parse(bytes.AsSpan(0, cut % bytes.Length)).Refusal.ShouldNotBeNull();

            refusal.Reason.ShouldBe(QuoteRefusalReason.QuoteMalformed);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_report_built_from_fields_reads_them_back()
        => Prop.ForAll(Bytes(48).Zip(Bytes(64)).ToArbitrary(), given =>
        {
            var report = TdReport.Of(
                QuoteBodyType.TdReport15, (TdReportLayout.RtMr3, given.Item1), (TdReportLayout.ReportData, given.Item2),
                (TdReportLayout.MrServiceTd, given.Item1));

            Equal(report.RtMr3, given.Item1);
            Equal(report.ReportData, given.Item2);
            Equal(report.MrServiceTd!.Value, given.Item1);
            report.MrTd.Span.ContainsAnyExcept((byte)0).ShouldBeFalse();
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void An_input_beyond_the_bound_is_refused_unread()
        => QuoteParser.Parse(new byte[QuoteParser.MaxLength + 1]).Refusal.ShouldNotBeNull()
            .Reason.ShouldBe(QuoteRefusalReason.QuoteMalformed);

    private static Gen<(QuoteHeader Header, QuoteBody Body, QuoteSignatureData Data, byte[] Trailing)> Quotes() =>
        from shape in Shapes
        from svn in Gen.Choose(0, ushort.MaxValue)
        from userData in Bytes(20)
        from body in Bytes(TdReportLayout.SizeOf(shape.Type)!.Value)
        from signature in Bytes(64)
        from key in Bytes(64)
        from qeReport in Bytes(EnclaveReportLayout.Size)
        from authentication in Gen.Choose(0, 80).SelectMany(Bytes)
        from certification in Gen.Choose(0, 400).SelectMany(Bytes)
        from type in Gen.Choose(1, 5)
        from trailing in Gen.Choose(0, 90).SelectMany(Bytes)
        select (
            new QuoteHeader
            {
                Version = shape.Version,
                TeeType = shape.Version == 3 ? TeeType.Sgx : TeeType.Tdx,
                QeSvn = (ushort)svn,
                UserData = userData,
            },
            shape.Version == 3 ? new EnclaveReport(body) : (QuoteBody)new TdReport(shape.Type, body),
            new QuoteSignatureData
            {
                Signature = signature,
                AttestationKey = key,
                QeReport = new EnclaveReport(qeReport),
                QeReportSignature = signature,
                QeAuthenticationData = authentication,
                CertificationDataType = (CertificationDataType)type,
                CertificationData = certification,
            },
            trailing);

    private static Gen<byte[]> Bytes(int length)
        => Gen.Choose(0, byte.MaxValue).Select(value => (byte)value).ArrayOf(length);

    private static void Equal(ReadOnlyMemory<byte> actual, ReadOnlyMemory<byte> expected)
        => actual.Span.SequenceEqual(expected.Span).ShouldBeTrue();
}
