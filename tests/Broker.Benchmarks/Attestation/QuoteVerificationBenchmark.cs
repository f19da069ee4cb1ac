using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Broker.Attestation.Collateral;
using Broker.Attestation.Simulation;
using Broker.Attestation.Verification;

namespace Broker.Benchmarks.Attestation;

/// <summary>
/// Our verifier and <c>@phala/dcap-qvl</c> on the same quotes with the same collateral at the same time, in one run and
/// in turns, so that all meet the same weather on the machine. Ours is measured in three ways:
/// <list type="bullet">
/// <item><c>first</c>: nothing is known yet, collateral comes as JSON text, everything is read and checked.</item>
/// <item><c>fresh</c>: collateral comes as JSON text each time, but its signers and the platform's chain were met
/// before.</item>
/// <item><c>service</c>: what a KMS does for a quote: parse it, find its prepared collateral, judge it.</item>
/// </list>
/// The last two columns of ours are throughput over <c>first</c>: what doing the work once is worth.
/// </summary>
internal static class QuoteVerificationBenchmark
{
    private const int Rounds = 12;
    private const int OursPerRound = 100;
    private const int TheirsPerRound = 10;

    /// <summary>Prints one line per quote; 1 when a quote is refused, so that there is nothing to compare.</summary>
    public static async Task<int> RunAsync(TextWriter output)
    {
        using var theirs = OtherImplementation.TryStart();
        if (theirs is null)
        {
            await output.WriteLineAsync("dcap-qvl is not measured; first: npm ci --prefix tests/interop/dcap-qvl");
        }

        await output.WriteLineAsync(
            $"{"quote",-22} {"first p50",13} {"fresh p50",13} {"service p50",13} {"dcap-qvl p50",13}"
            + $" {"fresh",7} {"service",7} {"over dcap-qvl",14}");
        foreach (var subject in Subjects())
        {
            if (subject.First() is not VerifiedQuote || subject.Service() is not VerifiedQuote)
            {
                await output.WriteLineAsync($"{subject.Name}: refused; nothing to compare");
                return 1;
            }

            await output.WriteLineAsync(await MeasureAsync(subject, theirs));
        }

        return 0;
    }

    private static async Task<string> MeasureAsync(Subject subject, OtherImplementation? theirs)
    {
        List<double> first = [], fresh = [], service = [], other = [];
        for (var round = 0; round <= Rounds; round++)
        {
            var warmingUp = round == 0;
            var count = warmingUp ? 4 * OursPerRound : OursPerRound;
            Measure(count, () => subject.First(), warmingUp ? [] : first);
            Measure(count, () => subject.Fresh(), warmingUp ? [] : fresh);
            Measure(count, () => subject.Service(), warmingUp ? [] : service);
            if (theirs is null) continue;
            var answer = await theirs.AskAsync(subject, warmingUp ? 2 * TheirsPerRound : TheirsPerRound);
            if (!warmingUp) other.AddRange(answer);
        }

        var microseconds = string.Create(
            CultureInfo.InvariantCulture,
            $"{subject.Name,-22} {P50(first),10:F0} µs {P50(fresh),10:F0} µs {P50(service),10:F0} µs");
        var ratios = string.Create(
            CultureInfo.InvariantCulture,
            $"{first.Average() / fresh.Average(),6:F1}x {first.Average() / service.Average(),6:F1}x");
        return other.Count == 0
            ? $"{microseconds} {"-",13} {ratios}"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{microseconds} {P50(other),10:F0} µs {ratios} {other.Average() / service.Average(),13:F1}x");
    }

    /// <summary>Genuine quotes where the fixtures are, and a simulated one anywhere.</summary>
    private static IEnumerable<Subject> Subjects()
    {
        if (FixtureRoot() is { } fixtures)
        {
            foreach (var id in (string[])["r01_v4_uptodate", "r03_v5_td15_uptodate", "r10_near_mpc_old_outofdate"])
            {
                var folder = Path.Combine(fixtures, "tdx", "real", id);
                using var expected = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "expected.json")));
                yield return new Subject(
                    id[..3], File.ReadAllBytes(Path.Combine(folder, "quote.bin")),
                    File.ReadAllBytes(Path.Combine(folder, "collateral.json")), TrustAnchors.Intel.Root,
                    DateTimeOffset.FromUnixTimeSeconds(expected.RootElement.GetProperty("now").GetInt64()));
            }
        }

        var now = new DateTimeOffset(2026, 6, 15, 12, 0, 0, TimeSpan.Zero);
        using var pki = SimulatedPki.Create(now.AddMonths(-1));
        using var machine = pki.CreateMachine(new SimulatedPlatform { Ppid = new byte[16] }, now);
        yield return new Subject(
            "simulated", machine.Quote(new SimulatedTd().Report(new byte[64])),
            QuoteCollateralJson.Write(pki.IssueCollateral(now)),
            pki.Root, now);
    }

    private static void Measure(int count, Action verify, List<double> microseconds)
    {
        for (var i = 0; i < count; i++)
        {
            var start = Stopwatch.GetTimestamp();
            verify();
            microseconds.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        }
    }

    private static double P50(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static string? FixtureRoot()
    {
        var root = Environment.GetEnvironmentVariable("BROKER_FIXTURES") is { Length: > 0 } given
            ? given
            : Path.GetFullPath(Path.Combine(Repository.Root(), "..", "shared", "fixtures"));
        return Directory.Exists(root) ? root : null;
    }
}
