using System.Diagnostics;
using System.Text.Json.Nodes;
using Broker.Attestation.Collateral;
using Broker.Attestation.Quotes;
using Broker.Attestation.Verification;

namespace Broker.Attestation.Tests.Interop;

/// <summary>
/// npm <c>@phala/dcap-qvl</c>, another implementation of quote verification, behind
/// <c>tests/interop/dcap-qvl/judge.mjs</c>.
/// </summary>
internal sealed class DcapQvl : IDisposable
{
    private static readonly string Folder = Path.Combine(Fixtures.RepositoryRoot, "tests", "interop", "dcap-qvl");

    private readonly Process _node;

    public DcapQvl()
    {
        _node = Process.Start(new ProcessStartInfo("node", ["judge.mjs"])
        {
            WorkingDirectory = Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
    }

    /// <summary>Why it cannot be asked here; null when it can.</summary>
    public static string? Missing
        => !Directory.Exists(Path.Combine(Folder, "node_modules", "@phala", "dcap-qvl"))
            ? "not run: npm ci --prefix tests/interop/dcap-qvl has not been run"
            : null;

    /// <summary>The status it gives, or null when it refuses.</summary>
    public string? StatusOf(byte[] quote, QuoteCollateral collateral, TrustAnchors root, DateTimeOffset now)
    {
        var answer = Ask(new JsonObject
        {
            ["op"] = "judge",
            ["quote"] = Convert.ToHexStringLower(quote),
            ["collateral"] = JsonNode.Parse(QuoteCollateralJson.Write(collateral)),
            ["root_ca"] = Convert.ToHexStringLower(root.Root.Span),
            ["now"] = now.ToUnixTimeSeconds(),
        });
        return answer["ok"]!.GetValue<bool>() ? answer["status"]!.GetValue<string>() : null;
    }

    public void Dispose()
    {
        _node.StandardInput.Close();
        _node.WaitForExit();
        _node.Dispose();
    }

    private JsonNode Ask(JsonObject request)
    {
        _node.StandardInput.WriteLine(request.ToJsonString());
        _node.StandardInput.Flush();
        return JsonNode.Parse(
            _node.StandardOutput.ReadLine() ?? throw new InvalidOperationException("judge.mjs ended"))!;
    }
}

/// <summary>
/// A fact that needs the other implementation: reported as left out, with the reason, where it is not installed.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class DcapQvlFactAttribute : FactAttribute
{
    public DcapQvlFactAttribute(bool needsFixtures = false)
    {
        NeedsFixtures = needsFixtures;
        if (DcapQvl.Missing is { } missing) Skip = missing;
        else if (needsFixtures && !Fixtures.Present) Skip = Fixtures.Absent;
    }

    public bool NeedsFixtures { get; }
}
