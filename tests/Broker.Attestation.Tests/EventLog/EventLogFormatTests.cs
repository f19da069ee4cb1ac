using System.Text;
using System.Text.Json;
using Broker.Attestation.EventLog;
using Broker.Attestation.Tests.Dstack;

namespace Broker.Attestation.Tests.EventLog;

public class EventLogFormatTests
{
    [FixtureFact]
    public void Unpacks_the_compressed_form_to_the_same_events()
    {
        var log = CompressedEventLog.Parse(DstackFixtures.Bytes("simulator", "event_log_elgzv1.bin"));

        log.Error.ShouldBeNull();
        var whole = DstackFixtures.Attestation("simulator", "attestation_v0.bin").EventLog;
        EventLogJson.Write(log.Value!).ShouldBe(EventLogJson.Write(whole));
        CompressedEventLog.Parse(CompressedEventLog.Pack(whole)).Value!.Events.Count.ShouldBe(33);
    }

    [Fact]
    public void Stops_unpacking_at_its_bound()
    {
        var many = Enumerable.Repeat(
            new TdxEvent(3, RuntimeEvent.EventType, default, new string('x', 100), default), 200);

        CompressedEventLog.Parse(CompressedEventLog.Pack(new TdxEventLog([.. many]))).Error
            .ShouldBe("compressed event log unpacks to more than 16384 bytes");
    }

    [Fact]
    public void Refuses_what_only_claims_to_be_compressed()
        => CompressedEventLog.Parse("ELGZv1 not gzip"u8.ToArray()).Error.ShouldBe("compressed event log is not gzip");

    [FixtureFact]
    public void Replays_all_four_registers_of_a_genuine_quote_from_its_log()
    {
        var attestation = DstackFixtures.Attestation("simulator", "attestation_v0.bin");
        var report = attestation.Quote.Parsed.Quote!.TdReport!;

        ReadOnlyMemory<byte>[] quoted = [report.RtMr0, report.RtMr1, report.RtMr2, report.RtMr3];
        for (var imr = 0u; imr < 4; imr++)
        {
            attestation.EventLog.Replay(imr).ShouldBe(quoted[imr].ToArray(), $"RTMR{imr}");
        }

        attestation.StrippedForCertificate().EventLog.Replay(3).ShouldBe(report.RtMr3.ToArray());
    }

    [Theory]
    [InlineData("[{\"imr\":3}]", "an event has no event_type")]
    [InlineData("[{\"imr\":3,\"event_type\":1,\"digest\":\"zz\"}]", "hex")]
    [InlineData("[{\"imr\":3,\"event_type\":1,\"version\":3}]", "an event has digest version 3")]
    [InlineData("[{\"imr\":3,\"event_type\":1,\"event\":\"\\ud800\"}]", "event log")]
    [InlineData("{}", "not a JSON array")]
    [InlineData("[1]", "event log")]
    [InlineData("[[[[[[[[[[]]]]]]]]]]", "event log")]
    [InlineData("[", "event log")]
    public void Says_what_is_wrong_with_a_JSON_log(string json, string error)
        => EventLogJson.Parse(Encoding.UTF8.GetBytes(json)).Error.ShouldNotBeNull().ShouldContain(error);

    [FixtureTheory]
    [InlineData("dstack_ccel.bin")]
    [InlineData("cos-113/ccel_data.dat")]
    public void Reads_a_firmware_log_and_replays_its_registers(string file)
    {
        var log = CcEventLog.Parse(File.ReadAllBytes(Fixtures.File(["tdx", "ccel", .. file.Split('/')])));

        log.Error.ShouldBeNull();
        var expected = JsonDocument.Parse(File.ReadAllBytes(Fixtures.File("tdx", "ccel", "expected.json")))
            .RootElement.GetProperty("logs").GetProperty(file);
        log.Value!.Events.Count.ShouldBe(expected.GetProperty("events").GetInt32());
        var listed = expected.GetProperty("event_list").EnumerateArray().ToList();
        for (var i = 0; i < listed.Count; i++)
        {
            var entry = log.Value.Events[i];
            entry.Imr.ShouldBe(listed[i].GetProperty("imr").GetUInt32());
            entry.EventType.ShouldBe(listed[i].GetProperty("event_type").GetUInt32());
            DstackFixtures.Hex(entry.Digest).ShouldBe(listed[i].Text("digest"));
            entry.Payload.Length.ShouldBe(listed[i].GetProperty("data_length").GetInt32());
        }

        for (var imr = 0u; imr < 4; imr++)
        {
            Convert.ToHexStringLower(log.Value.Replay(imr)!)
                .ShouldBe(expected.GetProperty("replayed")[(int)imr].GetString());
        }
    }

    [FixtureFact]
    public void Refuses_a_firmware_log_that_ends_inside_an_event()
    {
        var area = File.ReadAllBytes(Fixtures.File("tdx", "ccel", "dstack_ccel.bin"));

        CcEventLog.Parse(area.AsSpan(0, 1900)).Error.ShouldNotBeNull().ShouldContain("ends inside");
        CcEventLog.Parse(area.AsSpan(40)).Error.ShouldNotBeNull();
        CcEventLog.Parse([]).Succeeded.ShouldBeFalse();
    }
}
