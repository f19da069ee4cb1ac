using System.Text.Json;
using Broker.Attestation.Collateral;
using Broker.Attestation.Verification;

namespace Broker.Attestation.Tests.Verification;

/// <summary>
/// The fixtures' manifest: quote, collateral, root and time, with the verdict that the independent model gives.
/// </summary>
internal static class VerdictCases
{
    private static readonly ExternalTrustAnchorOptions TestRoots = new() { InsecureAllowExternalTrustAnchors = true };

    private static readonly Lazy<Dictionary<string, JsonElement>> Cases = new(() =>
    {
        using var manifest = JsonDocument.Parse(File.ReadAllBytes(Fixtures.File("tdx", "manifest.json")));
        return manifest.RootElement.GetProperty("cases").EnumerateArray()
            .ToDictionary(entry => entry.GetProperty("id").GetString()!, entry => entry.Clone());
    });

    public static IEnumerable<string> Ids => Fixtures.Present ? Cases.Value.Keys : [];

    public static IEnumerable<string> Where(Func<VerdictCase, bool> wanted) => Ids.Where(id => wanted(Load(id)));

    public static VerdictCase Load(string id)
    {
        var entry = Cases.Value[id];
        string Path(string name) => Fixtures.File("tdx", entry.GetProperty(name).GetString()!);
        using var expected = JsonDocument.Parse(File.ReadAllBytes(Path("expected")));
        return new VerdictCase(
            id,
            File.ReadAllBytes(Path("quote")),
            QuoteCollateralJson.Read(File.ReadAllBytes(Path("collateral"))),
            TrustAnchors.External(File.ReadAllBytes(Path("root")), TestRoots),
            DateTimeOffset.FromUnixTimeSeconds(entry.GetProperty("now").GetInt64()),
            entry.GetProperty("strict"),
            expected.RootElement.Clone());
    }
}

internal sealed record VerdictCase(
    string Id, byte[] Quote, CollateralReadResult Collateral, TrustAnchors Root, DateTimeOffset Now,
    JsonElement Strict, JsonElement Expected)
{
    public bool IsAccepted => Strict.GetProperty("ok").GetBoolean();

    /// <summary>
    /// The other times that the fixture judges: the edges of the collateral's window and a second outside.
    /// </summary>
    public IEnumerable<(DateTimeOffset Now, JsonElement Strict)> OtherTimes
        => Expected.TryGetProperty("other_times", out var times)
            ? times.EnumerateArray().Select(time => (
                DateTimeOffset.FromUnixTimeSeconds(time.GetProperty("now").GetInt64()), time.GetProperty("strict")))
            : [];
}
