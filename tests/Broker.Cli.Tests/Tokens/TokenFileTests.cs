using Broker.Cli.Client;
using Broker.Cli.Terminal;
using Broker.Cli.Tokens;
using Microsoft.Extensions.Time.Testing;

namespace Broker.Cli.Tests.Tokens;

/// <summary>When a token in a file is renewed, and what is said where it is not; the clock is a test's.</summary>
public sealed class TokenFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("token-file-");
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly SaidLines _said = new();
    private int _mints;
    private int _failures;

    private string PathOfFile => Path.Combine(_folder.FullName, "token");

    public void Dispose()
    {
        _said.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Renews_at_half_of_its_time()
    {
        await RunAsync(async () =>
        {
            await PassAsync(149);
            Text.ShouldBe("token 1");
            await UntilAsync(() => Text == "token 2");
            await UntilAsync(() => Text == "token 3");
        });

        Said.ShouldStartWith($"brokerctl: nobody renews {PathOfFile} any longer; its token expires at 2026-01-01 00:");
    }

    [Fact]
    public async Task Tries_again_ever_more_slowly_says_what_fails_and_when_the_token_has_expired()
    {
        await RunAsync(async () =>
        {
            Volatile.Write(ref _failures, int.MaxValue);
            await UntilAsync(() => Said.Contains("the broker is away", StringComparison.Ordinal));
            Said.ShouldNotContain("EXPIRED");

            await UntilAsync(() => Said.Contains("EXPIRED", StringComparison.Ordinal));
            Text.ShouldBe("token 1");

            // 1, 2, 4, 8, 16 and 30 seconds, and 30 again: about ten times in 150 seconds.
            Said.Split("cannot renew").Length.ShouldBeInRange(5, 13);
            Said.Split("EXPIRED").Length.ShouldBe(2); // said once

            Volatile.Write(ref _failures, 0);
            await UntilAsync(() => Text == "token 2");
            await UntilAsync(() => Said.Contains("is fresh again", StringComparison.Ordinal));
        });
    }

    private string Text => File.ReadAllText(PathOfFile);

    private string Said => _said.ToString();

    /// <summary>Keeps a file fresh while the test does something.</summary>
    private async Task RunAsync(Func<Task> meanwhile)
    {
        var file = new TokenFile(PathOfFile, MintAsync, _said, _time);
        await file.WriteAsync(default);
        using var stop = new CancellationTokenSource();
        var refreshing = file.RefreshAsync(stop.Token);
        await meanwhile();
        await stop.CancelAsync();
        await refreshing;
    }

    private Task<OidcToken> MintAsync(CancellationToken stop)
    {
        if (Volatile.Read(ref _failures) > 0) throw new CommandFailedException("the broker is away");
        var until = _time.GetUtcNow().AddSeconds(300).ToUnixTimeSeconds();
        return Task.FromResult(new OidcToken($"token {Interlocked.Increment(ref _mints)}", "0x", until, "aud_1"));
    }

    /// <summary>In steps of a second, so that whoever waits sees each.</summary>
    private async Task PassAsync(int seconds)
    {
        for (var passed = 0; passed < seconds; passed++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(2);
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

    /// <summary>Written by one thread and read by another.</summary>
    private sealed class SaidLines : StringWriter
    {
        private readonly Lock _gate = new();

        public override void WriteLine(string? value)
        {
            lock (_gate) base.WriteLine(value);
        }

        public override string ToString()
        {
            lock (_gate) return base.ToString();
        }
    }
}
