using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Broker.Attestation.Collateral;
using Broker.Attestation.Quotes;
using Broker.Attestation.Simulation;
using Broker.Attestation.Verification;

namespace Broker.Benchmarks.Attestation;

/// <summary>
/// Our verifier and <c>@phala/dcap-qvl</c> on the same quotes with the same collateral at the same time, in one run and
/// in turns, so that both meet the same weather on the machine. Ours is measured in both ways in which it is used:
/// collateral given as JSON text each time, everything checked each time (what the other one does from parsed JSON on),
/// and collateral prepared once, its dates checked each time (what a service does).
/// </summary>
internal static class QuoteVerificationBenchmark
{
    private const int Rounds = 12;
    private const int OursPerRound = 100;
    private const int TheirsPerRound = 10;

    /// <summary>
    /// Prints one line per quote and a summary; 1 when the other implementation is not installed or disagrees.
    /// </summary>
    public static async Task<int> RunAsync(TextWriter output)
    {
        if (JudgeScript() is not { } script)
        {
            await output.WriteLineAsync("run first: npm ci --prefix tests/interop/dcap-qvl");
            return 1;
        }

        using var node = Process.Start(new ProcessStartInfo("node", [script])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        await output.WriteLineAsync(
            $"{"quote",-22} {"prepared p50",13} {"fresh p50",13} {"dcap-qvl p50",13} {"prepared",9} {"fresh",9}"
            + "   (throughput over dcap-qvl's)");
        foreach (var subject in Subjects())
        {
            if (subject.Verify() is not VerifiedQuote)
            {
                await output.WriteLineAsync($"{subject.Name}: refused; nothing to compare");
                return 1;
            }

            var prepared = new List<double>();
            var fresh = new List<double>();
            var theirs = new List<double>();
            for (var round = 0; round <= Rounds; round++)
            {
                var warmingUp = round == 0;
                Measure(OursPerRound, subject.VerifyPrepared, warmingUp ? [] : prepared);
                Measure(OursPerRound, () => subject.Verify(), warmingUp ? [] : fresh);
                var answer = await AskAsync(node, subject, warmingUp ? 2 * TheirsPerRound : TheirsPerRound);
                if (!warmingUp) theirs.AddRange(answer);
            }

            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{subject.Name,-22} {P50(prepared),10:F0} µs {P50(fresh),10:F0} µs {P50(theirs),10:F0} µs ")
                + string.Create(
                    CultureInfo.InvariantCulture,
                    $"{theirs.Average() / prepared.Average(),8:F1}x {theirs.Average() / fresh.Average(),8:F1}x"));
        }

        node.StandardInput.Close();
        await node.WaitForExitAsync();
        return 0;
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
                    File.ReadAllBytes(Path.Combine(folder, "collateral.json")), TrustAnchors.Intel,
                    DateTimeOffset.FromUnixTimeSeconds(expected.RootElement.GetProperty("now").GetInt64()));
            }
        }

        var now = new DateTimeOffset(2026, 6, 15, 12, 0, 0, TimeSpan.Zero);
        using var pki = SimulatedPki.Create(now.AddMonths(-1));
        using var machine = pki.CreateMachine(new SimulatedPlatform { Ppid = new byte[16] }, now);
        yield return new Subject(
            "simulated", machine.Quote(new SimulatedTd().Report(new byte[64])),
            QuoteCollateralJson.Write(pki.IssueCollateral(now)),
            TrustAnchors.External(
                pki.Root, new ExternalTrustAnchorOptions { InsecureAllowExternalTrustAnchors = true }), now);
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

    private static async Task<IEnumerable<double>> AskAsync(Process node, Subject subject, int count)
    {
        var request = new JsonObject
        {
            ["op"] = "measure",
            ["count"] = count,
            ["quote"] = Convert.ToHexStringLower(subject.Quote),
            ["collateral"] = JsonNode.Parse(subject.CollateralJson),
            ["root_ca"] = Convert.ToHexStringLower(subject.Anchors.Root.Span),
            ["now"] = subject.Now.ToUnixTimeSeconds(),
        };
        await node.StandardInput.WriteLineAsync(request.ToJsonString());
        await node.StandardInput.FlushAsync();
        var answer = JsonNode.Parse(
            await node.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("judge.mjs ended"))!;
        return answer["nanoseconds"]!.AsArray().Select(value => value!.GetValue<double>() / 1000);
    }

    private static double P50(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static string? JudgeScript()
    {
        var folder = Path.Combine(RepositoryRoot(), "tests", "interop", "dcap-qvl");
        return Directory.Exists(Path.Combine(folder, "node_modules")) ? Path.Combine(folder, "judge.mjs") : null;
    }

    private static string? FixtureRoot()
    {
        var root = Environment.GetEnvironmentVariable("BROKER_FIXTURES") is { Length: > 0 } given
            ? given
            : Path.GetFullPath(Path.Combine(RepositoryRoot(), "..", "shared", "fixtures"));
        return Directory.Exists(root) ? root : null;
    }

    private static string RepositoryRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Broker.sln"))) return folder.FullName;
        }

        throw new InvalidOperationException($"no Broker.sln above {AppContext.BaseDirectory}");
    }

    private sealed record Subject(
        string Name, byte[] Quote, byte[] CollateralJson, TrustAnchors Anchors, DateTimeOffset Now)
    {
        private readonly QuoteVerifier _verifier = new(Anchors);
        private PreparedCollateral? _prepared;

        public QuoteVerdict Verify()
            => _verifier.Verify(Quote, QuoteCollateralJson.Read(CollateralJson).Collateral!, Now);

        public void VerifyPrepared()
        {
            _prepared ??= _verifier.Prepare(QuoteCollateralJson.Read(CollateralJson).Collateral!, TeeType.Tdx);
            _verifier.Verify(Quote, _prepared, Now);
        }
    }
}
