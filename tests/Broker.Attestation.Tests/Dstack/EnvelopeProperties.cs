using Broker.Attestation.Apps;
using Broker.Attestation.CertificateRequests;
using Broker.Attestation.EventLog;
using Broker.Attestation.Evidence;
using Broker.Attestation.Quotes;
using FsCheck;
using FsCheck.Fluent;

namespace Broker.Attestation.Tests.Dstack;

/// <summary>What holds for every envelope, and for every string of bytes.</summary>
public class EnvelopeProperties
{
    private static readonly Gen<byte[]> Bytes = Gen.Choose(0, 300)
        .SelectMany(length => Gen.Choose(0, 255).Select(value => (byte)value).ArrayOf(length));

    private static readonly Gen<string> Names = Gen.Choose(0, 70)
        .SelectMany(length => Gen.Elements('a', 'é', '"', '\\', '\n', '-', '測', ' ').ArrayOf(length))
        .Select(letters => new string(letters));

    private static readonly Gen<EventDigestVersion> Versions = Gen.Elements(
        EventDigestVersion.V1, EventDigestVersion.V2);

    private static readonly Gen<RuntimeEvent> RuntimeEvents =
        from name in Names
        from payload in Bytes
        from version in Versions
        select new RuntimeEvent(name, payload, version);

    private static readonly Gen<TdxEvent> TdxEvents =
        from imr in Gen.Choose(0, 3)
        from type in Gen.Elements(RuntimeEvent.EventType, TdxEvent.PlatformConfigFlags, uint.MaxValue)
        from digest in Bytes
        from name in Names
        from payload in Bytes
        from version in Versions
        from preimage in Gen.Elements(null, "", "00ff")
        select new TdxEvent((uint)imr, type, digest, name, payload, version, preimage);

    private static readonly Gen<TdxAttestation> Attestations =
        from quote in Bytes
        from log in TdxEvents.ListOf(4)
        from events in RuntimeEvents.ListOf(4)
        from reportData in Gen.Choose(0, 255).Select(value => (byte)value).ArrayOf(64)
        from config in Names
        from payload in Gen.OneOf(Gen.Constant<string?>(null), Names.Select(name => (string?)name))
        select new TdxAttestation(
            new EncodedQuote(quote), new TdxEventLog([.. log]), [.. events], reportData, config, payload);

    [Fact]
    public void Decoding_undoes_encoding()
        => Prop.ForAll(Attestations.ToArbitrary(), attestation =>
        {
            var bytes = attestation.Encode();
            var decoded = DstackFixtures.Decode(bytes);
            MessagePackAttestation.Encode(decoded).ShouldBe(MessagePackAttestation.Encode(attestation));
            decoded.Encode().ShouldBe(bytes);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Decoding_undoes_encoding_in_V0_too()
        => Prop.ForAll(Attestations.ToArbitrary(), attestation =>
        {
            var bytes = ScaleAttestation.Encode(attestation);
            ScaleAttestation.Encode(DstackFixtures.Decode(bytes)).ShouldBe(bytes);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_changed_byte_never_throws_and_never_allocates_beyond_its_bound()
        => Prop.ForAll(
            Attestations.ToArbitrary(), Gen.Choose(0, int.MaxValue).ToArbitrary(), Gen.Choose(1, 255).ToArbitrary(),
            (attestation, where, change) =>
            {
                byte[][] forms = [ScaleAttestation.Encode(attestation), MessagePackAttestation.Encode(attestation)];
                foreach (var bytes in forms)
                {
                    bytes[where % bytes.Length] ^= (byte)change;
                    DecodeWithinBound(bytes);
                }
            }).QuickCheckThrowOnFailure();

    [Fact]
    public void Random_bytes_never_throw_and_never_allocate_beyond_their_bound()
        => Prop.ForAll(Bytes.ToArbitrary(), Gen.Elements<byte>(0, 0x83, 0xde, 0xdf).ToArbitrary(), (bytes, first) =>
        {
            DecodeWithinBound([first, .. bytes]);
            _ = EventLogJson.Parse(bytes);
            _ = CompressedEventLog.Parse(bytes);
            _ = CcEventLog.Parse(bytes);
            _ = AppInfo.Decode(bytes);
            _ = CsrV1.Decode(bytes);
            _ = CsrV2.Decode(bytes);
        }).QuickCheckThrowOnFailure();

    private static void DecodeWithinBound(byte[] bytes)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        _ = VersionedAttestation.Decode(bytes);
        // A decoded event costs some hundred bytes for eleven of input; nothing costs more per byte.
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(64 * 1024 + (256L * bytes.Length));
    }
}
