using System.Text;
using Broker.Attestation.Collateral;
using Broker.Attestation.EventLog;
using Broker.Attestation.VirtualMachine;

namespace Broker.Attestation.Tests.Dstack;

/// <summary>
/// A name that stands twice has no one value (RFC 7493 §2.3), wherever it stands: two readers of the same bytes could
/// see two machines.
/// </summary>
public class DuplicateNameTests
{
    [Theory]
    [InlineData("""{"cpu_count":1,"cpu_count":2}""")]
    [InlineData("""{"cpu_count":1,"cpu_\u0063ount":1}""")]
    [InlineData("""{"unknown":1,"unknown":1}""")]
    [InlineData("""{"unknown":[{"a":1,"a":1}]}""")]
    [InlineData("""{"tdx_measurement":{"checksum_file":"","measurement":"","measurement":""}}""")]
    public void Refuses_a_vm_config_with_one(string json)
    {
        const string Fault = "Failed to parse vm config: not JSON, a name twice, too deep, or not well-formed Unicode";

        VmConfig.Parse(json).Error.ShouldBe(Fault);
        VmConfig.Parse(json, unwrapSysConfig: true).Error.ShouldBe(Fault);
    }

    [Theory]
    [InlineData("""{"vm_config":"{}","vm_config":"{\"cpu_count\":2}"}""")]
    [InlineData("""{"vm_config":"{\"cpu_count\":1,\"cpu_count\":2}"}""")]
    public void Refuses_a_sys_config_with_one_outside_or_inside(string json) =>
        VmConfig.Parse(json, unwrapSysConfig: true).Error.ShouldNotBeNull().ShouldContain("a name twice");

    [Theory]
    [InlineData("""[{"imr":3,"imr":3,"event_type":1}]""")]
    [InlineData("""[{"imr":3,"event_type":1,"event":"app-id","event":"compose-hash"}]""")]
    [InlineData("""[{"imr":3,"event_type":1,"x":{"y":1,"y":2}}]""")]
    public void Refuses_an_event_log_with_one(string json) =>
        EventLogJson.Parse(Encoding.UTF8.GetBytes(json)).Error
            .ShouldBe("event log: not JSON, a name twice, too deep, or not well-formed Unicode");

    [Fact]
    public void Refuses_collateral_with_one() =>
        QuoteCollateralJson.Read("""{"tcb_info":"a","tcb_info":"b"}"""u8.ToArray()).Refusal
            .ShouldNotBeNull().Detail.ShouldContain("a name twice");

    [Fact]
    public void Never_repeats_what_was_written_nor_a_name_of_ours()
    {
        var error = VmConfig.Parse("""{"cpu_count":"<script>"}""").Error.ShouldNotBeNull();

        error.ShouldBe("Failed to parse vm config: cpu_count has the wrong type");
        VmConfig.Parse($$"""{"{{new string('x', 5000)}}":1,"{{new string('x', 5000)}}":2}""").Error!
            .Length.ShouldBeLessThan(200);
    }
}
