using Broker.Cli.Client;
using Broker.Cli.Credentials;
using Broker.Cli.Running;
using Broker.Cli.Terminal;
using Microsoft.Extensions.Time.Testing;

namespace Broker.Cli.Tests.Running;

/// <summary>When credentials are renewed; the clock is a test's.</summary>
public sealed class FreshCredentialsTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _time = new(Start);
    private readonly StringWriter _error = new();
    private int _mints;
    private int _lifetime = 3600;
    private bool _fails;
    private TaskCompletionSource? _held;

    public void Dispose() => _error.Dispose();

    [Theory]
    [InlineData(3600, 3600 - (16 * 60))]
    [InlineData(900, 600)]
    public async Task Renews_ahead_of_the_end_once_they_were_used(int lifetime, int renewedAfter)
    {
        _lifetime = lifetime;
        using var fresh = Fresh();
        await fresh.GetAsync(default);
        using var over = new CancellationTokenSource();
        var renewing = fresh.RenewAheadAsync(over.Token);

        await PassAsync(renewedAfter - 1);
        _mints.ShouldBe(1);
        await UntilAsync(() => _mints == 2);

        // Nobody has used the second ones: no third, whatever the time.
        await PassAsync(10 * lifetime);
        _mints.ShouldBe(2);
        await over.CancelAsync();
        await renewing;
    }

    [Fact]
    public async Task Those_who_come_together_wait_for_one_mint()
    {
        _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var fresh = Fresh();

        var many = Enumerable.Range(0, 50).Select(_ => fresh.GetAsync(default)).ToList();
        _held.SetResult();
        var given = await Task.WhenAll(many);

        _mints.ShouldBe(1);
        given.Select(one => one.Given.AccessKeyId).Distinct().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Those_that_still_hold_are_given_while_the_broker_fails_and_it_is_said()
    {
        _lifetime = 900;
        using var fresh = Fresh();
        await fresh.GetAsync(default);
        _fails = true;

        _time.Advance(TimeSpan.FromSeconds(700));
        (await fresh.GetAsync(default)).Given.AccessKeyId.ShouldBe("key 1");
        _error.ToString().ShouldContain("cannot renew credentials, which end at 2026-01-01 00:15:00Z: no broker");
        await fresh.GetAsync(default);
        _error.ToString().Split('\n').Length.ShouldBe(2); // one line: a client that asks at once storms nobody

        // Ended: none are better than ended ones.
        _time.Advance(TimeSpan.FromSeconds(200));
        await Should.ThrowAsync<CommandFailedException>(() => fresh.GetAsync(default));
        _error.ToString().ShouldContain("the credentials have ended");

        _fails = false;
        (await fresh.GetAsync(default)).Given.AccessKeyId.ShouldBe("key 2");
    }

    private FreshCredentials Fresh() => new(MintAsync, _error, _time);

    private async Task<RoleCredentials> MintAsync(CancellationToken stop)
    {
        if (_held is not null) await _held.Task;
        if (_fails) throw new CommandFailedException("no broker");
        var number = Interlocked.Increment(ref _mints);
        var until = _time.GetUtcNow().AddSeconds(_lifetime).ToUnixTimeSeconds();
        return new RoleCredentials(
            new AwsCredentials($"key {number}", "secret", "token", until, "0x", "arn:aws:iam::1:role/r", "aud"),
            "us-east-1", "0x");
    }

    /// <summary>In steps, so that whoever waits sees each.</summary>
    private async Task PassAsync(int seconds)
    {
        for (var passed = 0; passed < seconds; passed += Math.Min(30, seconds - passed))
        {
            _time.Advance(TimeSpan.FromSeconds(Math.Min(30, seconds - passed)));
            await Task.Delay(1);
        }
    }

    /// <summary>Time goes on meanwhile.</summary>
    private async Task UntilAsync(Func<bool> holds)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!holds())
        {
            limit.Token.ThrowIfCancellationRequested();
            await PassAsync(1);
        }
    }
}
