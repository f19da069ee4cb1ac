using System.Text.Json;

namespace Broker.Attestation.Tests.Quotes;

/// <summary>
/// The quotes of the fixtures that parse, each with the fields that an independent parser read from it.
/// </summary>
internal static class GenuineQuotes
{
    /// <summary>Ids of all cases with parsed fields: pairs of the manifest and the parse-only samples.</summary>
    public static TheoryData<string> Ids()
    {
        var ids = new TheoryData<string>();
        if (!Fixtures.Present) return ids;

        foreach (var group in (string[])["real", "real-negative", "synthetic"])
        {
            var folders = Directory.EnumerateDirectories(Fixtures.File("tdx", group));
            foreach (var folder in folders.Order(StringComparer.Ordinal))
            {
                var id = $"{group}/{Path.GetFileName(folder)}";
                if (Parsed(id).ValueKind == JsonValueKind.Object) ids.Add(id);
            }
        }

        foreach (var sample in Json("tdx", "parse-only", "expected.json").EnumerateObject())
        {
            ids.Add($"parse-only/{sample.Name}");
        }

        return ids;
    }

    public static byte[] Bytes(string id) => id.StartsWith("parse-only/", StringComparison.Ordinal)
        ? File.ReadAllBytes(Fixtures.File("tdx", id + ".bin"))
        : File.ReadAllBytes(Fixtures.File("tdx", id, "quote.bin"));

    public static JsonElement Parsed(string id)
    {
        var expected = id.StartsWith("parse-only/", StringComparison.Ordinal)
            ? Json("tdx", "parse-only", "expected.json").GetProperty(id["parse-only/".Length..])
            : Json("tdx", id, "expected.json");
        return expected.TryGetProperty("parsed", out var parsed) && parsed.TryGetProperty("body", out _)
            ? parsed
            : default;
    }

    private static JsonElement Json(params string[] parts)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Fixtures.File(parts)));
        return document.RootElement.Clone();
    }
}
