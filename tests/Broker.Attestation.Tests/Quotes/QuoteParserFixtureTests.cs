using System.Buffers.Binary;
using System.Text.Json;
using Broker.Attestation.Quotes;

namespace Broker.Attestation.Tests.Quotes;

public class QuoteParserFixtureTests
{
    public static TheoryData<string> Ids => GenuineQuotes.Ids();

    [FixtureTheory, MemberData(nameof(Ids))]
    public void Reads_every_field_as_the_independent_parser_did(string id)
    {
        var bytes = GenuineQuotes.Bytes(id);
        var expected = GenuineQuotes.Parsed(id);

        var quote = QuoteParser.Parse(bytes).Quote.ShouldNotBeNull();

        ((int)quote.Header.Version).ShouldBe(expected.GetProperty("version").GetInt32());
        ((int)quote.Header.AttestationKeyType).ShouldBe(expected.GetProperty("att_key_type").GetInt32());
        ((uint)quote.Header.TeeType).ShouldBe(expected.GetProperty("tee_type").GetUInt32());
        ((int)quote.Body.Type).ShouldBe(expected.GetProperty("body_type").GetInt32());
        Hex(quote.Header.UserData).ShouldBe(expected.GetProperty("user_data").GetString());
        quote.SignedRegion.Length.ShouldBe(expected.GetProperty("signed_length").GetInt32());
        quote.Trailing.Length.ShouldBe(expected.GetProperty("trailing_length").GetInt32());

        var data = quote.SignatureData;
        Hex(data.Signature).ShouldBe(expected.GetProperty("signature").GetString());
        Hex(data.AttestationKey).ShouldBe(expected.GetProperty("attestation_key").GetString());
        Hex(data.QeAuthenticationData).ShouldBe(expected.GetProperty("qe_auth").GetString());
        ((int)data.CertificationDataType).ShouldBe(expected.GetProperty("cert_data_type").GetInt32());
        data.CertificationData.Length.ShouldBe(expected.GetProperty("cert_data_length").GetInt32());

        CompareFields(Fields(data.QeReport), expected.GetProperty("qe_report"));
        CompareFields(
            quote.TdReport is { } td ? Fields(td) : Fields((EnclaveReport)quote.Body), expected.GetProperty("body"));
    }

    [FixtureTheory, MemberData(nameof(Ids))]
    public void Encodes_back_to_the_same_bytes(string id)
    {
        var bytes = GenuineQuotes.Bytes(id);

        QuoteEncoder.Encode(QuoteParser.Parse(bytes).Quote.ShouldNotBeNull()).ShouldBe(bytes);
    }

    private static void CompareFields(Dictionary<string, string?> actual, JsonElement expected)
    {
        foreach (var field in expected.EnumerateObject())
        {
            actual.ShouldContainKey(field.Name);
            actual[field.Name].ShouldBe(field.Value.GetString(), field.Name);
        }
    }

    private static Dictionary<string, string?> Fields(TdReport report) => new()
    {
        ["tee_tcb_svn"] = Hex(report.TeeTcbSvn),
        ["mr_seam"] = Hex(report.MrSeam),
        ["mr_signer_seam"] = Hex(report.MrSignerSeam),
        ["seam_attributes"] = Hex(report.SeamAttributes),
        ["td_attributes"] = LittleEndian((ulong)report.TdAttributes, 8),
        ["xfam"] = Hex(report.Xfam),
        ["mr_td"] = Hex(report.MrTd),
        ["mr_config_id"] = Hex(report.MrConfigId),
        ["mr_owner"] = Hex(report.MrOwner),
        ["mr_owner_config"] = Hex(report.MrOwnerConfig),
        ["rt_mr0"] = Hex(report.RtMr0),
        ["rt_mr1"] = Hex(report.RtMr1),
        ["rt_mr2"] = Hex(report.RtMr2),
        ["rt_mr3"] = Hex(report.RtMr3),
        ["report_data"] = Hex(report.ReportData),
        ["tee_tcb_svn2"] = report.TeeTcbSvn2 is { } svn ? Hex(svn) : null,
        ["mr_service_td"] = report.MrServiceTd is { } hash ? Hex(hash) : null,
        ["vmid"] = Extended(report, TdReportLayout.VmId),
        ["td_id"] = Extended(report, TdReportLayout.TdId),
        ["devinfo"] = Extended(report, TdReportLayout.DeviceInfoHash),
        ["init_servtd_hash"] = Extended(report, TdReportLayout.InitialServiceTdHash),
        ["init_servtd_attr"] = Extended(report, TdReportLayout.InitialServiceTdAttributes),
        ["init_cpu_svn"] = Extended(report, TdReportLayout.InitialCpuSvn),
        ["init_tee_tcb_svn"] = Extended(report, TdReportLayout.InitialTeeTcbSvn),
        ["init_tee_fmspc"] = Extended(report, TdReportLayout.InitialTeeFmspc),
        ["cur_servtd_hash"] = Extended(report, TdReportLayout.CurrentServiceTdHash),
        ["cur_servtd_attr"] = Extended(report, TdReportLayout.CurrentServiceTdAttributes),
    };

    private static Dictionary<string, string?> Fields(EnclaveReport report) => new()
    {
        ["cpu_svn"] = Hex(report.CpuSvn),
        ["misc_select"] = Hex(report.MiscSelect),
        ["attributes"] = Hex(report.Attributes),
        ["mr_enclave"] = Hex(report.MrEnclave),
        ["mr_signer"] = Hex(report.MrSigner),
        ["isv_prod_id"] = LittleEndian(report.IsvProdId, 2),
        ["isv_svn"] = LittleEndian(report.IsvSvn, 2),
        ["report_data"] = Hex(report.ReportData),
    };

    private static string? Extended(TdReport report, QuoteField field)
        => report.Type == QuoteBodyType.TdReport15Extended ? Hex(field.In(report.Encoded)) : null;

    private static string LittleEndian(ulong value, int length)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return Convert.ToHexStringLower(bytes.AsSpan(0, length));
    }

    private static string Hex(ReadOnlyMemory<byte> bytes) => Convert.ToHexStringLower(bytes.Span);
}
