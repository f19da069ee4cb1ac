using System.Globalization;
using System.Text;
using Broker.Cli.Client;
using Broker.Cli.Terminal;
using Broker.Foundation;

namespace Broker.Cli.Tokens;

/// <summary>
/// A token in a file of mode 0600. Each new one replaces the file at once, so that a reader has the old one or the new
/// one, whole.
/// </summary>
internal sealed class TokenFile(
    string path, Func<CancellationToken, Task<OidcToken>> mint, TextWriter error, TimeProvider time)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private DateTimeOffset _renewAt;
    private DateTimeOffset _expiresAt;

    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>Returns once the file holds a new token.</summary>
    /// <exception cref="CommandFailedException">There is none, or no writing it; the file is as it was.</exception>
    public async Task<OidcToken> WriteAsync(CancellationToken stop)
    {
        var before = time.GetUtcNow();
        var token = await mint(stop);
        try
        {
            DurableFile.Replace(Path, Encoding.ASCII.GetBytes(token.Jwt));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException($"cannot write {Path}: {fault.Message}", cause: fault);
        }

        _expiresAt = token.ExpiresAt;
        _renewAt = before + ((_expiresAt - before) / 2);
        return token;
    }

    /// <summary>
    /// Replaces the token when half of its time is over, until it is stopped. What fails is said and tried again; an
    /// expired token in the file is said once more, and so is that nobody renews it any longer.
    /// </summary>
    public async Task RefreshAsync(CancellationToken stop)
    {
        var pause = FirstPause;
        var saidExpired = false;
        try
        {
            while (true)
            {
                // The clock may be set, or the machine may sleep: look again twice a minute.
                if (_renewAt - time.GetUtcNow() is var wait && wait > TimeSpan.Zero)
                {
                    await Task.Delay(wait < LongestPause ? wait : LongestPause, time, stop);
                    if (!saidExpired) saidExpired = SayExpired();
                    continue;
                }

                try
                {
                    await WriteAsync(stop);
                    if (pause > FirstPause) Say($"{Path} is fresh again");
                    (pause, saidExpired) = (FirstPause, false);
                }
                catch (CommandFailedException fault)
                {
                    Say($"cannot renew {Path}, whose token expires at {Moment(_expiresAt)}: {fault.Message}");
                    if (fault.NextStep is { } next) Say($"next: {next}");
                    if (!saidExpired) saidExpired = SayExpired();
                    _renewAt = time.GetUtcNow() + pause;
                    pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Say($"nobody renews {Path} any longer; its token expires at {Moment(_expiresAt)}");
        }
    }

    private bool SayExpired()
    {
        if (_expiresAt > time.GetUtcNow()) return false;
        Say($"the token in {Path} has EXPIRED, at {Moment(_expiresAt)}");
        return true;
    }

    private void Say(string line) => error.WriteLine($"brokerctl: {line}");

    private static string Moment(DateTimeOffset moment) => moment.ToString("u", CultureInfo.InvariantCulture);
}
