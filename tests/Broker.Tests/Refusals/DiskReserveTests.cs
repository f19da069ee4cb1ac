using Broker.Tests.Faults;
using Broker.Tests.Hosting;

namespace Broker.Tests.Refusals;

/// <summary>
/// The last of the disk is for releases, revocations and sign-outs; it is warned of before it is reached. The volume has
/// 40 MB, a tenth of which is the reserve.
/// </summary>
public sealed class DiskReserveTests : IDisposable
{
    private const int Volume = 40;
    private const long Reserve = Volume * 1024 * 1024 / 10;

    private readonly Wallet _wallet = new();

    public void Dispose() => _wallet.Dispose();

    [PrivilegedFact]
    public async Task Below_the_reserve_only_releases_and_sign_outs_are_written()
    {
        using var disk = new SmallDisk(Volume);
        await using var broker = await BrokerApp.StartAsync(
            ("BROKER_DATA_DIR", disk.Folder), ("BROKER_DISK_RESERVE_MIB", "256"), ("BROKER_DEV_MODE", "true"),
            ("BROKER_AUTH_METHODS", "wallet_sig,email_link"), ("BROKER_EMAIL_FROM_ADDRESS", "noreply@agentkeys.test"));
        var session = await broker.SignInAsync(_wallet);
        (await broker.GetAsync("/readyz")).ShouldBeOk().Text.ShouldBe("{}");

        using (disk.FillTo(Reserve + (Reserve / 2)))
        {
            await Eventually.AsksAsync(() => broker.GetAsync("/readyz"), answer => answer["status"] == "degraded");
            (await broker.ChallengeAsync(_wallet.Address)).ShouldBeOk();
            (await broker.RequestLinkAsync()).ShouldBeOk();
            (await broker.MetricAsync("disk_free_bytes")).ShouldBeLessThan(2 * Reserve);
            (await broker.MetricAsync("disk_reserve_bytes")).ShouldBe(Reserve);
        }

        using (disk.FillTo(Reserve / 2))
        {
            await Eventually.AsksAsync(
                () => broker.PostAsync("/v1/auth/wallet/start", new { address = _wallet.Address }),
                answer => (int)answer.Status == 503 && answer["code"] == "disk_reserve_reached");
            (await broker.RequestLinkAsync()).ShouldRefuse(503, "internal", "disk_reserve_reached");
            var refused = await broker.PostAsync("/v1/mint-oidc-jwt", bearer: "eyJ.y.z");
            refused.ShouldRefuse(429, "rate_limited", "too_many_refusals");
            broker.RowsOf(refused).ShouldBeEmpty();

            (await broker.PostAsync("/v1/mint-oidc-jwt", bearer: session)).ShouldBeOk();
            (await broker.PostAsync("/v1/mint-aws-creds", bearer: session)).ShouldBeOk();
            var ended = (await broker.PostAsync("/v1/auth/session/end", bearer: session)).ShouldBe204();
            broker.RowOf(ended).Outcome.ShouldBe("revoked");
        }

        await Eventually.AsksAsync(() => broker.GetAsync("/readyz"), answer => answer.Text == "{}");
    }
}
