using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Broker.Benchmarks.Attestation;

/// <summary><c>@phala/dcap-qvl</c> in a process of its own, asked line by line.</summary>
internal sealed class OtherImplementation : IDisposable
{
    private readonly Process _node;

    private OtherImplementation(Process node) => _node = node;

    /// <summary>Null when it is not installed.</summary>
    public static OtherImplementation? TryStart()
    {
        var folder = Path.Combine(Repository.Root(), "tests", "interop", "dcap-qvl");
        if (!Directory.Exists(Path.Combine(folder, "node_modules"))) return null;
        return new OtherImplementation(Process.Start(
            new ProcessStartInfo("node", [Path.Combine(folder, "judge.mjs")])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            })!);
    }

    /// <summary>How long each of so many verifications took, in microseconds.</summary>
    public async Task<IEnumerable<double>> AskAsync(Subject subject, int count)
    {
        var request = new JsonObject
        {
            ["op"] = "measure",
            ["count"] = count,
            ["quote"] = Convert.ToHexStringLower(subject.Quote),
            ["collateral"] = JsonNode.Parse(subject.CollateralJson),
            ["root_ca"] = Convert.ToHexStringLower(subject.Root.Span),
            ["now"] = subject.Now.ToUnixTimeSeconds(),
        };
        await _node.StandardInput.WriteLineAsync(request.ToJsonString());
        await _node.StandardInput.FlushAsync();
        var answer = JsonNode.Parse(
            await _node.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("judge.mjs ended"))!;
        return answer["nanoseconds"]!.AsArray().Select(value => value!.GetValue<double>() / 1000);
    }

    /// <summary>Lets it end.</summary>
    public void Dispose()
    {
        _node.StandardInput.Close();
        _node.WaitForExit();
        _node.Dispose();
    }
}
