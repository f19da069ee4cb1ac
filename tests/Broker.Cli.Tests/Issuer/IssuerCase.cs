using System.Text.Json.Nodes;

namespace Broker.Cli.Tests.Issuer;

/// <summary>What an issuer publishes, spoilt or not, and the verdict that it deserves.</summary>
/// <param name="Name">For whoever reads a failure.</param>
/// <param name="Check">Which check says so; empty where all of them hold.</param>
/// <param name="Code">Null where the check was not made, or holds.</param>
internal sealed record IssuerCase(string Name, string Folder, string Check, string? Code)
{
    public string[] Expect { get; init; } = [$"compose_hash={IssuerSite.TrustedCode}"];

    /// <summary>The file that <c>--receipt</c> names; null for none.</summary>
    public string? Receipt { get; init; }

    /// <summary>RFC 3339; null for now.</summary>
    public string? At { get; init; }

    /// <summary>Whether the simulated machines' root is believed; else Intel's.</summary>
    public bool BelievesRoot { get; init; } = true;

    /// <summary>The list, and what else a verifier could miss.</summary>
    public static IEnumerable<IssuerCase> All(IssuerSite site)
    {
        string Spoilt(Action<string> spoil)
        {
            var folder = site.Copy("t");
            spoil(folder);
            return folder;
        }

        var good = site.Copy("t");
        yield return new("genuine", good, "", null);
        yield return new("genuine, with a receipt", good, "", null) { Receipt = site.Receipt };
        yield return new("nothing expected", good, "measurements", null) { Expect = [] };
        yield return new("another machine's measurement", good, "measurements", "MEASUREMENT_MISMATCH")
        {
            Expect = [$"compose_hash={IssuerSite.OtherCode}"],
        };
        yield return new("measured otherwise than one of two values", good, "measurements", "MEASUREMENT_MISMATCH")
        {
            Expect = [$"compose_hash={IssuerSite.TrustedCode}", $"mr_aggregated={IssuerSite.OtherCode}"],
        };
        yield return new("one of two values of a name", good, "", null)
        {
            Expect = [$"compose_hash={IssuerSite.OtherCode}", $"compose_hash={IssuerSite.TrustedCode}"],
        };
        yield return new("a swapped JWKS", Spoilt(folder => Swap(site, folder, "jwks.json")), "keys", "KEYS_MISMATCH");
        yield return new(
            "a certificate of another key", Spoilt(folder => SwapCertificate(site, folder)), "certificates",
            "CERTIFICATE_MISMATCH");
        yield return new("an edited checkpoint", Spoilt(EditCheckpoint), "checkpoint", "CHECKPOINT_SIGNATURE");
        yield return new(
            "another ledger's checkpoint", Spoilt(folder => Swap(site, folder, "checkpoint.txt")), "checkpoint",
            "CHECKPOINT_ORIGIN");
        yield return new(
            "a ledger without an entry", Spoilt(folder => File.WriteAllText(Path.Combine(folder, "checkpoint.txt"), "")),
            "checkpoint", null);
        yield return new("old evidence", good, "freshness", "EVIDENCE_STALE")
        {
            At = $"{DateTimeOffset.UtcNow.AddDays(2):yyyy-MM-dd'T'HH:mm:ss'Z'}",
        };
        yield return new(
            "evidence for another nonce",
            Spoilt(folder => File.WriteAllText(Path.Combine(folder, "nonce.txt"), new string('0', 64))), "freshness",
            "NONCE_MISMATCH");
        yield return new(
            "an edited time",
            Spoilt(folder => Edit(folder, document => document["made_at"] = 1 + (long)document["made_at"]!)), "binding",
            "REPORT_DATA_MISMATCH");
        yield return new("a debug TD", site.Copy("d"), "quote", "TD_DEBUG");
        yield return new(
            "evidence of another issuer", Spoilt(folder => Swap(site, folder, "evidence.json", "nonce.txt")), "issuer",
            "ISSUER_MISMATCH");
        yield return new(
            "an edited quote", Spoilt(folder => Edit(folder, FlipMeasurement)), "quote", "QUOTE_SIGNATURE");
        yield return new(
            "collateral that is not there", Spoilt(folder => Edit(folder, document => document["collateral"] = null)),
            "quote", "INPUT");
        yield return new("a machine of another root", good, "quote", "PCK_CHAIN") { BelievesRoot = false };
        yield return new(
            "evidence that is none", Spoilt(folder => File.WriteAllText(Path.Combine(folder, "evidence.json"), "{}")),
            "evidence", "EVIDENCE_MALFORMED");
        yield return new("an edited receipt", good, "receipt", "RECEIPT_INVALID")
        {
            Receipt = Rewritten(site.Receipt, document => document["entry"] = Convert.ToBase64String("{}"u8)),
        };
        yield return new("a receipt without its entry", good, "receipt", null)
        {
            Receipt = Rewritten(site.Receipt, document => document.Remove("entry")),
        };
    }

    private static void Swap(IssuerSite site, string folder, params string[] names)
    {
        foreach (var name in names)
            File.Copy(Path.Combine(site.Kept("o"), name), Path.Combine(folder, name), overwrite: true);
    }

    private static void SwapCertificate(IssuerSite site, string folder)
    {
        var path = Path.Combine(folder, "jwks.json");
        var own = JsonNode.Parse(File.ReadAllText(path))!;
        var other = JsonNode.Parse(File.ReadAllText(Path.Combine(site.Kept("o"), "jwks.json")))!;
        own["keys"]![0]!["x5c"] = other["keys"]![0]!["x5c"]!.DeepClone();
        File.WriteAllText(path, own.ToJsonString());
    }

    private static void EditCheckpoint(string folder)
    {
        var path = Path.Combine(folder, "checkpoint.txt");
        var lines = File.ReadAllText(path).Split('\n');
        lines[1] = $"{long.Parse(lines[1], System.Globalization.CultureInfo.InvariantCulture) + 1}";
        File.WriteAllText(path, string.Join('\n', lines));
    }

    private static void Edit(string folder, Action<JsonObject> edit)
    {
        var path = Path.Combine(folder, "evidence.json");
        var document = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        edit(document);
        File.WriteAllText(path, document.ToJsonString());
    }

    /// <summary>
    /// One bit of MRTD, where the envelope has it: version, platform, a length of two or four bytes, the header.
    /// </summary>
    private static void FlipMeasurement(JsonObject document)
    {
        var bytes = Convert.FromHexString((string)document["attestation"]!);
        bytes[2 + 2 + 48 + 136 + 10] ^= 1;
        document["attestation"] = Convert.ToHexStringLower(bytes);
    }

    private static string Rewritten(string path, Action<JsonObject> edit)
    {
        var document = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        edit(document);
        var other = $"{path}-{Guid.NewGuid():n}";
        File.WriteAllText(other, document.ToJsonString());
        return other;
    }
}
