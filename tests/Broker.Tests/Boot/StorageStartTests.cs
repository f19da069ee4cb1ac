using Broker.Modules;
using Broker.Tests.Faults;
using Broker.Tests.Hosting;

namespace Broker.Tests.Boot;

/// <summary>Starts that must not be, because what they would write to cannot keep it.</summary>
public sealed class StorageStartTests
{
    [Fact]
    public async Task A_bucket_without_Object_Lock_stops_the_start()
    {
        using var bucket = new ObjectLockPeer();
        bucket.HasObjectLock = false;
        using var folder = new TemporaryFolder();

        var line = await BootFailure.OfStartAsync(
            new StartupChoices(true, true, null),
            [
                .. BrokerProcess.Settings(
                    ("BROKER_DATA_DIR", folder.Path), ("BROKER_AUDIT_ANCHORS", "sqlite,s3"),
                    ("BROKER_AUDIT_S3_BUCKET", "audit"), ("AWS_ENDPOINT_URL_S3", bucket.Url),
                    ("DAEMON_ACCESS_KEY_ID", "AKIADAEMON"), ("DAEMON_SECRET_ACCESS_KEY", "daemon-secret")),
            ]);

        line.ShouldStartWith("BOOT_FAIL: BROKER_AUDIT_S3_BUCKET=");
        line.ShouldContain("has no Object Lock");
        bucket.Puts.ShouldBe(0);
    }

    [PrivilegedFact]
    public Task A_start_with_the_ledger_on_a_full_disk_says_that_the_disk_is_full() =>
        SaysThatTheDiskIsFull("BROKER_AUDIT_DB_PATH");

    [PrivilegedFact]
    public Task A_start_with_the_state_on_a_full_disk_says_that_the_disk_is_full() =>
        SaysThatTheDiskIsFull("BROKER_STATE_DB_PATH");

    private static async Task SaysThatTheDiskIsFull(string setting)
    {
        using var disk = new SmallDisk();
        using var folder = new TemporaryFolder();
        var settings = BrokerProcess.Settings(
            ("BROKER_DATA_DIR", folder.Path), (setting, Path.Combine(disk.Folder, "here.sqlite")));
        await using (var first = await BrokerProcess.StartAsync(settings, "--init", "--skip-startup-check"))
            first.Kill();

        using var filler = disk.Fill();
        var ended = await BrokerProcess.RunAsync(settings, "--skip-startup-check");

        ended.ExitCode.ShouldBe(1);
        var line = ended.BootFailures.ShouldHaveSingleItem();
        line.ShouldStartWith($"BOOT_FAIL: {setting}=");
        line.ShouldContain("the disk is full");
    }
}
