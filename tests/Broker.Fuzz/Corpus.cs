using System.Text.Json;

namespace Broker.Fuzz;

/// <summary>
/// The fixtures, where they are: <c>BROKER_FIXTURES</c>, or <c>../shared/fixtures</c> beside the checkout.
/// </summary>
internal static class Corpus
{
    private static readonly string? Root = Find();

    /// <summary>The contents of all files below the fixtures' <c>tdx</c> folder that match.</summary>
    public static IEnumerable<byte[]> Files(string folder, string pattern)
        => Paths(folder, pattern).Select(File.ReadAllBytes);

    /// <summary>The texts of one member of every matching JSON object.</summary>
    public static IEnumerable<string> Texts(string folder, string pattern, string member)
    {
        foreach (var path in Paths(folder, pattern))
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            if (document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty(member, out var value)
                && value.ValueKind == JsonValueKind.String)
            {
                yield return value.GetString()!;
            }
        }
    }

    private static IEnumerable<string> Paths(string folder, string pattern)
    {
        if (Root is null) return [];
        var path = Path.Combine(Root, "tdx", folder);
        return Directory.Exists(path)
            ? Directory.EnumerateFiles(path, pattern, SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            : [];
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("BROKER_FIXTURES") is { Length: > 0 } given) return given;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (!File.Exists(Path.Combine(folder.FullName, "Broker.sln"))) continue;
            var beside = Path.GetFullPath(Path.Combine(folder.FullName, "..", "shared", "fixtures"));
            return Directory.Exists(beside) ? beside : null;
        }

        return null;
    }
}
