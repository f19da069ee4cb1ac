using System.Security.Cryptography;
using Broker.Attestation.SevSnp.Certificates;

namespace Broker.Attestation.Tests.SevSnp;

public class CertificateTableTests
{
    public static TheoryData<string> Ids => [.. SnpCases.Ids("certificate_tables")];

    [FixtureTheory, MemberData(nameof(Ids))]
    public void Reads_a_kernels_table_as_the_manifest_says(string id)
    {
        var given = SnpCases.Find("certificate_tables", id);
        var expect = given.GetProperty("expect");

        var read = CertificateTable.Read(SnpCases.Read(given.GetProperty("file").GetString()!));

        read.Succeeded.ShouldBe(expect.GetProperty("ok").GetBoolean());
        if (!read.Succeeded)
        {
            read.Refusal.Code.ShouldBe(expect.GetProperty("code").GetString());
            return;
        }

        var hashes = given.GetProperty("sha256");
        Sha256(read.Value.Leaf!.Value).ShouldBe(hashes.GetProperty("VCEK").GetString());
        Sha256(read.Value.Intermediate!.Value).ShouldBe(hashes.GetProperty("ASK").GetString());
    }

    [FixtureFact]
    public void Leaves_no_table_out() => SnpCases.Ids("certificate_tables").Count().ShouldBe(11);

    /// <summary>An offset near 2^32 does not wrap around to a place inside the table.</summary>
    [Fact]
    public void Refuses_an_entry_whose_end_overflows()
    {
        var table = new byte[48];
        Convert.FromHexString("63da758de6644564adc5f4b93be8accd").CopyTo(table, 0);
        table.AsSpan(16, 4).Fill(0xff);
        table[20] = 24;

        CertificateTable.Read(table).Refusal!.Code.ShouldBe("CERT_TABLE");
    }

    [Fact]
    public void Refuses_a_table_above_the_bound()
        => CertificateTable.Read(new byte[CertificateTable.MaxLength + 1]).Refusal!.Code.ShouldBe("CERT_TABLE");

    private static string Sha256(ReadOnlyMemory<byte> bytes)
        => Convert.ToHexStringLower(SHA256.HashData(bytes.Span));
}
