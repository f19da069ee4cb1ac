using System.Text.Json;
using Broker.Attestation.Verification;

namespace Broker.Attestation.Tests.Verification;

public class RevocationListFixtureTests
{
    public static TheoryData<string> Files
        => Fixtures.Present ? [.. Expected().Keys] : [];

    [FixtureTheory, MemberData(nameof(Files))]
    public void Reads_issuer_dates_and_every_serial_of_intels_lists(string file)
    {
        var expected = Expected()[file];

        var list = CertificateRevocationList.TryRead(File.ReadAllBytes(Fixtures.File("tdx", "crl", file)))
            .ShouldNotBeNull();

        Convert.ToHexStringLower(list.Issuer.Span).ShouldBe(expected.GetProperty("issuer_der").GetString());
        list.ThisUpdate.ShouldBe(expected.GetProperty("this_update").GetDateTimeOffset());
        list.NextUpdate.ShouldBe(expected.GetProperty("next_update").GetDateTimeOffset());
        list.RevokedSerials.Select(serial => serial.TrimStart('0')).Order(StringComparer.Ordinal).ShouldBe(
            expected.GetProperty("revoked_serials").EnumerateArray()
                .Select(serial => serial.GetString()!.TrimStart('0')).Order(StringComparer.Ordinal));
    }

    [FixtureTheory, MemberData(nameof(Files))]
    public void No_prefix_and_no_extension_of_a_list_is_a_list(string file)
    {
        var bytes = File.ReadAllBytes(Fixtures.File("tdx", "crl", file));

        CertificateRevocationList.TryRead((byte[])[.. bytes, 0]).ShouldBeNull();
        for (var length = 0; length < bytes.Length; length += 7)
        {
            CertificateRevocationList.TryRead(bytes.AsMemory(0, length)).ShouldBeNull();
        }
    }

    private static Dictionary<string, JsonElement> Expected()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Fixtures.File("tdx", "crl", "expected.json")));
        return document.RootElement.GetProperty("crls").EnumerateArray()
            .ToDictionary(entry => entry.GetProperty("file").GetString()!, entry => entry.Clone());
    }
}
