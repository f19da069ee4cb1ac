using System.Text;
using Broker.Attestation.SevSnp.Dstack;

namespace Broker.Attestation.Tests.SevSnp;

public class DstackLaunchTests
{
    public static TheoryData<string> Ids => [.. SnpCases.Ids("dstack_launch")];

    [FixtureTheory, MemberData(nameof(Ids))]
    public void Binds_as_the_manifest_says(string id)
    {
        var given = SnpCases.Find("dstack_launch", id);
        var text = Encoding.UTF8.GetString(
            SnpCases.Read(given.GetProperty("files").GetProperty("vm_config").GetString()!));
        var expect = given.GetProperty("expect");

        var bound = DstackLaunch.Bind(
            text, Convert.FromHexString(given.GetProperty("measurement").GetString()!),
            Convert.FromHexString(given.GetProperty("host_data").GetString()!));

        (bound.Refusal?.Code).ShouldBe(expect.TryGetProperty("code", out var code) ? code.GetString() : null);
        bound.Succeeded.ShouldBe(expect.GetProperty("ok").GetBoolean());
        if (!bound.Succeeded) return;
        var binding = given.GetProperty("binding");
        Hex(bound.Value.OsImageHash).ShouldBe(binding.GetProperty("os_image_hash").GetString());
        Hex(bound.Value.App.AppId).ShouldBe(binding.GetProperty("app_id").GetString());
        Hex(bound.Value.App.ComposeHash).ShouldBe(binding.GetProperty("compose_hash").GetString());
        Hex(bound.Value.App.InstanceId).ShouldBe(binding.GetProperty("instance_id").GetString());
    }

    [FixtureFact]
    public void Leaves_no_launch_out() => SnpCases.Ids("dstack_launch").Count().ShouldBe(37);

    private static string Hex(ReadOnlyMemory<byte> bytes) => Convert.ToHexStringLower(bytes.Span);
}
