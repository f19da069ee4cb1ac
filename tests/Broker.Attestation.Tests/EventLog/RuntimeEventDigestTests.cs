using Broker.Attestation.EventLog;
using Broker.Attestation.Tests.Dstack;

namespace Broker.Attestation.Tests.EventLog;

public class RuntimeEventDigestTests
{
    [FixtureFact]
    public void Computes_every_digest_of_the_vectors()
    {
        var vectors = DstackFixtures.Json("vectors", "runtime_event_digests.json");
        var events = vectors.GetProperty("events").EnumerateArray().ToList();
        events.Count.ShouldBe(6);
        foreach (var vector in events)
        {
            var (name, payload) = (vector.Text("event"), vector.Hex("payload"));
            Convert.ToHexStringLower(RuntimeEventDigest.Preimage(name, payload)).ShouldBe(vector.Text("v1_preimage"));
            RuntimeEventDigest.CanonicalJson(name, payload).ShouldBe(vector.Text("v2_preimage"));
            Convert.ToHexStringLower(new RuntimeEvent(name, payload).Digest()).ShouldBe(vector.Text("v1_sha384"));
            Convert.ToHexStringLower(new RuntimeEvent(name, payload, EventDigestVersion.V2).Digest())
                .ShouldBe(vector.Text("v2_sha384"));
        }

        foreach (var version in new[] { EventDigestVersion.V1, EventDigestVersion.V2 })
        {
            var replayed = RtmrReplay.Replay(
                events.Select(e => new RuntimeEvent(e.Text("event"), e.Hex("payload"), version).Digest()));
            Convert.ToHexStringLower(replayed).ShouldBe(vectors.Text($"replay_v{(int)version}_all"));
        }
    }

    [Fact]
    public void A_moved_colon_leaves_a_V1_digest_as_it_was_and_changes_a_V2_digest()
    {
        var (honest, moved) = (new RuntimeEvent("key", "a:b"u8.ToArray()), new RuntimeEvent("key:a", "b"u8.ToArray()));

        moved.Digest().ShouldBe(honest.Digest());
        (moved with { Version = EventDigestVersion.V2 }).Digest()
            .ShouldNotBe((honest with { Version = EventDigestVersion.V2 }).Digest());
        RuntimeEventLog.From([moved]).Succeeded.ShouldBeFalse();
        RuntimeEventLog.From([honest]).Succeeded.ShouldBeTrue();
    }

    [Fact]
    public void The_canonical_form_escapes_control_characters_and_nothing_else()
        => RuntimeEventDigest.CanonicalJson("<é\u0001\u007f&'/>", [])
            .ShouldBe("{\"name\":\"<é\\u0001\u007f&'/>\",\"payload\":\"\",\"type\":134217729}");

    [Fact]
    public void Looks_only_at_what_stands_before_system_ready()
    {
        var log = RuntimeEventLog.From(
        [
            new RuntimeEvent("app-id", new byte[] { 1 }),
            new RuntimeEvent("system-ready", default),
            new RuntimeEvent("app-id", new byte[] { 2 }),
            new RuntimeEvent("key-provider", new byte[] { 3 }),
        ]).Value!;

        log.Payload("app-id").ToArray().ShouldBe([1]);
        log.Payload("key-provider").Length.ShouldBe(0);
    }

    [Fact]
    public void Refuses_a_system_event_that_comes_twice()
        => RuntimeEventLog.From([new RuntimeEvent("app-id", default), new RuntimeEvent("app-id", new byte[20])])
            .Error.ShouldBe("runtime event app-id appears more than once");

    [Fact]
    public void The_boot_time_view_ends_with_the_first_boot_mr_done()
    {
        var boot = new[] { new RuntimeEvent("app-id", new byte[20]), new RuntimeEvent("boot-mr-done", default) };
        var log = RuntimeEventLog.From([.. boot, new RuntimeEvent("key-provider", "{}"u8.ToArray())]).Value!;

        log.Replay(MeasurementView.BootTime).ShouldBe(RtmrReplay.Replay(boot.Select(entry => entry.Digest())));
        log.Replay().ShouldNotBe(log.Replay(MeasurementView.BootTime));
    }
}
