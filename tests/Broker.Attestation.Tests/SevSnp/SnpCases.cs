using System.Collections.Immutable;
using System.Text.Json;
using Broker.Attestation.SevSnp.Certificates;
using Broker.Attestation.SevSnp.Reports;
using Broker.Attestation.SevSnp.Verification;
using Broker.Attestation.Verification;

namespace Broker.Attestation.Tests.SevSnp;

/// <summary>The fixtures' manifest: reports with certificates, roots, options, time and the expected verdict.</summary>
internal static class SnpCases
{
    private static readonly Lazy<JsonElement> Manifest = new(() =>
    {
        using var manifest = JsonDocument.Parse(System.IO.File.ReadAllBytes(File("manifest.json")));
        return manifest.RootElement.Clone();
    });

    public static IEnumerable<JsonElement> Of(string list)
        => Fixtures.Present ? Manifest.Value.GetProperty(list).EnumerateArray() : [];

    public static IEnumerable<string> Ids(string list)
        => Of(list).Select(entry => entry.GetProperty("id").GetString()!);

    public static JsonElement Find(string list, string id)
        => Of(list).Single(entry => entry.GetProperty("id").GetString() == id);

    public static IEnumerable<string> Codes
        => Manifest.Value.GetProperty("codes").EnumerateArray().Select(code => code.GetString()!);

    public static SnpCase Load(string id) => new(Find("cases", id));

    public static string File(string path) => Fixtures.File("snp", path);

    public static byte[] Read(string path) => System.IO.File.ReadAllBytes(File(path));
}

/// <summary>One case: everything that a verifier is given, and what it has to say.</summary>
internal sealed class SnpCase(JsonElement entry)
{
    public JsonElement Entry => entry;

    public byte[] Report => Of("report")!;

    public DateTimeOffset At => entry.GetProperty("verify_at").GetDateTimeOffset();

    public SnpCertificates Certificates => new(Memory("leaf"), Memory("intermediate"), Memory("crl"));

    public SnpTrustAnchors Anchors
    {
        get
        {
            var roots = entry.GetProperty("roots").EnumerateObject()
                .ToDictionary(one => Enum.Parse<ProcessorFamily>(one.Name), one => one.Value.GetString()!);
            // Genuine cases are judged with the roots of the binary itself.
            return roots.Values.All(path => path.StartsWith("roots/amd/", StringComparison.Ordinal))
                ? SnpTrustAnchors.Amd
                : SnpTrustAnchors.External(
                    roots.ToDictionary(one => one.Key, one => (ReadOnlyMemory<byte>)SnpCases.Read(one.Value)),
                    new ExternalTrustAnchorOptions { InsecureAllowExternalTrustAnchors = true });
        }
    }

    public SnpPolicy Policy => new()
    {
        AllowVlek = Flag("allow_vlek"),
        AllowMigrationAgent = Flag("allow_migration"),
        RequireRevocationList = Flag("require_crl"),
        MaxVmpl = Option("max_vmpl") is { } most ? most.GetUInt32() : 0,
        MinimumTcb = Option("minimum_tcb") is { } minimum
            ? Enum.GetValues<ProcessorFamily>().ToImmutableDictionary(family => family, _ => Levels(minimum))
            : ImmutableDictionary<ProcessorFamily, TcbLevels>.Empty,
    };

    public SnpExpectations Expectations => new()
    {
        ReportData = Hex("report_data"),
        Measurement = Hex("measurement"),
        HostData = Hex("host_data"),
        ChipId = Hex("chip_id"),
    };

    public bool IsAccepted => entry.GetProperty("expect").GetProperty("ok").GetBoolean();

    public IEnumerable<string> AcceptableCodes
    {
        get
        {
            var expect = entry.GetProperty("expect");
            string[] others = expect.TryGetProperty("also_acceptable", out var also)
                ? [.. also.EnumerateArray().Select(code => code.GetString()!)]
                : [];
            return others.Prepend(expect.GetProperty("code").GetString()!);
        }
    }

    public SnpVerdict Verify() => Verify(Report);

    public SnpVerdict Verify(byte[] report)
        => new SnpReportVerifier(Anchors, Policy).Verify(report, Certificates, Expectations, At);

    public byte[]? Of(string name)
        => entry.GetProperty("files").TryGetProperty(name, out var path) ? SnpCases.Read(path.GetString()!) : null;

    private ReadOnlyMemory<byte>? Memory(string name) => Of(name) is { } bytes ? (ReadOnlyMemory<byte>?)bytes : null;

    public static TcbLevels Levels(JsonElement levels)
    {
        byte Level(string name) => levels.TryGetProperty(name, out var level) ? level.GetByte() : (byte)0;
        return new TcbLevels(Level("fmc"), Level("bl"), Level("tee"), Level("snp"), Level("ucode"));
    }

    private JsonElement? Option(string name)
        => entry.GetProperty("options").TryGetProperty(name, out var option) ? option : null;

    private bool Flag(string name) => Option(name)?.GetBoolean() ?? false;

    private ReadOnlyMemory<byte>? Hex(string name)
        => Option(name) is { } hex ? (ReadOnlyMemory<byte>?)Convert.FromHexString(hex.GetString()!) : null;
}
