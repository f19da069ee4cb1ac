using System.Diagnostics;
using System.Text.RegularExpressions;
using Broker.Cryptography;
using Broker.EndToEnd.Clients;
using Broker.EndToEnd.Processes;

namespace Broker.EndToEnd.Durability;

/// <summary>
/// Guarantee 1 as the operating system sees it: under <c>strace</c>, between the arrival of a mint's request and the
/// first byte of its answer the ledger's write-ahead log is written and then synced to disk. Goes red when
/// <c>synchronous</c> is not FULL, and when an answer leaves before the commit.
/// </summary>
public sealed partial class SyncBeforeAnswerTests : IDisposable
{
    private const int Mints = 12;

    private readonly TemporaryFolder _folder = new();
    private readonly Secp256k1PrivateKey _wallet = Secp256k1PrivateKey.Generate();

    public void Dispose()
    {
        _wallet.Dispose();
        _folder.Dispose();
    }

    [StraceFact]
    public async Task The_log_of_the_ledger_is_synced_between_each_request_and_its_answer()
    {
        await using var broker = await BrokerProcess.StartAsync(_folder.Path, LoopbackPort.Free());
        using var client = new BrokerClient(broker.Address);
        var session = await client.SignInAsync(_wallet);
        var trace = _folder.File("trace");
        using var tracer = Attach(broker.Id, trace);
        using var http = new HttpClient { BaseAddress = broker.Address };
        await Eventually.AsksAsync(() => http.GetStringAsync("healthz"), _ => File.Exists(trace)
            && File.ReadAllText(trace).Contains("/healthz", StringComparison.Ordinal));

        // One after the other, so that each request has its own sync.
        for (var n = 0; n < Mints; n++) (await client.PostAsync("v1/mint-oidc-jwt", new { }, session)).Ok();
        await Command.SignalAsync("INT", tracer.Id);
        await tracer.WaitForExitAsync();

        // Before the first mint there are answers of /healthz.
        var events = Events(File.ReadLines(trace)).SkipWhile(one => one != Event.Request).ToList();
        events.Count(one => one == Event.Request).ShouldBe(Mints);
        events.Count(one => one == Event.Answer).ShouldBe(Mints);
        for (var at = events.IndexOf(Event.Request); at >= 0; at = events.IndexOf(Event.Request, at + 1))
        {
            var answer = events.IndexOf(Event.Answer, at);
            var between = events[at..answer];
            var written = between.LastIndexOf(Event.LogWritten);
            written.ShouldBeGreaterThan(0, "the answer left before the ledger's log was written");
            between.LastIndexOf(Event.LogSynced)
                .ShouldBeGreaterThan(written, "the answer left before the ledger's log was synced");
        }
    }

    private static Process Attach(int process, string trace)
    {
        // -y names the file behind each descriptor.
        var start = new ProcessStartInfo("strace",
        [
            "-f", "-y", "-s", "96", "-o", trace, "-p", $"{process}",
            "-e", "trace=read,recvfrom,recvmsg,write,sendto,sendmsg,writev,pwrite64,fsync,fdatasync",
        ])
        { RedirectStandardError = true };
        return Process.Start(start) ?? throw new InvalidOperationException("strace did not start");
    }

    // A call that was interrupted by another thread's ends in a line of its own; the end is the moment that counts for
    // reading and syncing, the beginning for an answer.
    private static IEnumerable<Event> Events(IEnumerable<string> lines)
    {
        var syncing = new HashSet<string>();
        foreach (var line in lines)
        {
            var thread = line.Split(' ', 2)[0];
            if (line.Contains("POST /v1/mint-oidc-jwt", StringComparison.Ordinal)) yield return Event.Request;
            else if (Answered().IsMatch(line)) yield return Event.Answer;
            else if (Written().IsMatch(line)) yield return Event.LogWritten;
            else if (Synced().IsMatch(line))
            {
                if (line.Contains("<unfinished", StringComparison.Ordinal)) syncing.Add(thread);
                else if (line.EndsWith(" = 0", StringComparison.Ordinal)) yield return Event.LogSynced;
            }
            else if (Resumed().IsMatch(line) && syncing.Remove(thread)) yield return Event.LogSynced;
        }
    }

    [GeneratedRegex(@"(write|writev|sendto|sendmsg)\(.*""HTTP/1\.1 200")]
    private static partial Regex Answered();

    [GeneratedRegex(@"pwrite64\(\d+<[^>]*audit\.sqlite-wal>")]
    private static partial Regex Written();

    [GeneratedRegex(@"f(data)?sync\(\d+<[^>]*audit\.sqlite-wal>")]
    private static partial Regex Synced();

    [GeneratedRegex(@"<\.\.\. f(data)?sync resumed>.*= 0$")]
    private static partial Regex Resumed();

    private enum Event
    {
        Request,
        LogWritten,
        LogSynced,
        Answer,
    }
}
