using System.Text.Json.Nodes;
using Broker.Storage;
using Broker.Tests.Hosting;

namespace Broker.Tests.Sessions;

/// <summary>
/// With the clock ahead for a while, and restarts meanwhile, nothing that was good once or ended comes back when the
/// clock is right again.
/// </summary>
public sealed class ClockAheadTests : IDisposable
{
    private static readonly TimeSpan Ahead = TimeSpan.FromDays(400);

    private readonly Wallet _wallet = new(), _other = new();

    public void Dispose()
    {
        _wallet.Dispose();
        _other.Dispose();
    }

    [Fact]
    public async Task A_revoked_session_stays_revoked()
    {
        await using var broker = await BrokerApp.StartAsync();
        var session = await broker.SignInAsync(_wallet);
        (await broker.PostAsync("/v1/auth/session/end", bearer: session)).ShouldBe204();

        broker.Clock.Advance(Ahead);
        await broker.RestartAsync();
        (await broker.PostAsync("/v1/auth/session/end", bearer: await broker.SignInAsync(_other))).ShouldBe204();
        broker.Clock.AdjustTime(broker.Clock.Now - Ahead);

        (await broker.PostAsync("/v1/mint-oidc-jwt", bearer: session))
            .ShouldRefuse(401, "unauthorized", "session_revoked");
        await broker.RestartAsync();
        (await broker.PostAsync("/v1/mint-oidc-jwt", bearer: session))
            .ShouldRefuse(401, "unauthorized", "session_revoked");
    }

    [Fact]
    public async Task A_signed_request_and_a_challenge_stay_used()
    {
        await using var broker = await BrokerApp.StartAsync();
        var session = await broker.SignInAsync(_wallet);
        var challenge = await broker.ChallengeAsync(_wallet.Address);
        var proof = new
        {
            request_id = challenge["request_id"],
            signature = _wallet.Sign(challenge["siwe_message"]!),
        };
        (await broker.PostAsync("/v1/auth/wallet/verify", proof)).ShouldBeOk();
        JsonObject signed = SignedMintBody.Signed(_wallet, broker.Clock.Now);
        (await broker.PostAsync("/v1/mint-aws-creds", signed, session)).ShouldBeOk();

        broker.Clock.Advance(Ahead);
        await broker.RestartAsync();
        await broker.SignInAsync(_other);
        broker.Clock.AdjustTime(broker.Clock.Now - Ahead);
        await broker.RestartAsync();

        (await broker.PostAsync("/v1/mint-aws-creds", signed, session))
            .ShouldRefuse(401, "unauthorized", "signed_request_replayed");
        (await broker.PostAsync("/v1/auth/wallet/verify", proof))
            .ShouldRefuse(401, "unauthorized", "unknown_challenge");
    }

    /// <summary>What the sweep asks: a clock that is ahead for less than an hour moves nothing.</summary>
    [Fact]
    public void Nothing_is_forgotten_by_a_clock_that_was_watched_for_less_than_an_hour()
    {
        var clock = new SteppedClock();
        var horizon = new ExpiryHorizon(clock);
        horizon.Observe();
        horizon.Before.ShouldBeNull();

        for (var minute = 0; minute < 61; minute++) clock.Pass(horizon, TimeSpan.FromMinutes(1));
        var before = horizon.Before.ShouldNotBeNull();
        before.ShouldBeLessThan(clock.GetUtcNow() - TimeSpan.FromDays(1));

        clock.Calendar += Ahead;
        clock.Pass(horizon, TimeSpan.FromMinutes(1));
        horizon.Before!.Value.ShouldBeLessThan(before + TimeSpan.FromHours(1));
        clock.Calendar -= Ahead;
        clock.Pass(horizon, TimeSpan.FromMinutes(1));
        horizon.Before!.Value.ShouldBeLessThan(clock.GetUtcNow() - TimeSpan.FromDays(1));
    }

    /// <summary>
    /// A monotonic clock, and a calendar that a test sets. FakeTimeProvider has one clock for both: setting its calendar
    /// moves its timestamps.
    /// </summary>
    private sealed class SteppedClock : TimeProvider
    {
        private long _ticks = 1;

        public DateTimeOffset Calendar { get; set; } = new(2026, 5, 4, 12, 0, 0, TimeSpan.Zero);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => Calendar;

        public override long GetTimestamp() => _ticks;

        public void Pass(ExpiryHorizon horizon, TimeSpan time)
        {
            _ticks += time.Ticks;
            Calendar += time;
            horizon.Observe();
        }
    }
}
