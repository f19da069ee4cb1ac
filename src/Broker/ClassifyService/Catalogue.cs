using System.Text.Json.Serialization;
using Broker.Configuration;
using Broker.Foundation.Settings;

namespace Broker.ClassifyService;

/// <summary>A word or phrase, and what it says of a text that has it.</summary>
internal sealed record WrittenWord(
    [property: JsonPropertyName("match"), JsonRequired] string Match,
    [property: JsonPropertyName("category"), JsonRequired] string Category,
    [property: JsonPropertyName("sensitivity"), JsonRequired] string Sensitivity);

/// <summary>
/// The file of <c>BROKER_CLASSIFY_CATALOG_PATH</c>:
/// <code>
/// { "version": 1, "entries": [ { "match": "passport", "category": "identity", "sensitivity": "high" } ] }
/// </code>
/// A match is 1 to 100 characters, compared without regard to case; a sensitivity is <c>low</c>, <c>medium</c> or
/// <c>high</c>. A member that is not known is refused.
/// </summary>
internal sealed record WrittenCatalogue(
    [property: JsonPropertyName("version"), JsonRequired] long Version,
    [property: JsonPropertyName("entries"), JsonRequired] WrittenWord[] Words)
{
    private const int Longest = 4 << 20;
    private const int LongestMatch = 100;

    private static readonly string[] Sensitivities = ["low", "medium", "high"];

    /// <exception cref="BootFailException">The file is missing or not usable.</exception>
    public static void Check(string path)
    {
        try
        {
            Read(path);
        }
        catch (FormatException wrong)
        {
            throw BootFailException.At(ClassifyServiceSettings.Catalogue, path, wrong.Message, wrong);
        }
    }

    /// <exception cref="FormatException">It is missing or not usable, with a reason fit for an operator.</exception>
    public static WrittenCatalogue Read(string path)
    {
        var read = OperatorFile.Read(path, Longest, CatalogueJson.Default.WrittenCatalogue,
            "a catalogue: JSON with version and entries of match, category and sensitivity");
        if (read.Words.Any(word => word.Match.Trim().Length is 0 or > LongestMatch || word.Category.Length == 0))
            throw new FormatException($"has a match that is not 1 to {LongestMatch} characters, or no category");
        if (read.Words.Any(word => !Sensitivities.Contains(word.Sensitivity, StringComparer.Ordinal)))
            throw new FormatException($"has a sensitivity that is none of {string.Join(", ", Sensitivities)}");
        return read.Words.DistinctBy(word => Normal(word.Match)).Count() == read.Words.Length
            ? read
            : throw new FormatException("has a match twice");
    }

    /// <summary>How texts and matches are compared.</summary>
    public static string Normal(string text) => text.Trim().ToLowerInvariant();
}

/// <param name="Matched">The catalogue's word; null where none fits.</param>
internal sealed record Classification(
    [property: JsonPropertyName("category")] string Category,
    [property: JsonPropertyName("sensitivity")] string Sensitivity,
    [property: JsonPropertyName("matched")] string? Matched,
    [property: JsonPropertyName("catalog_version")] long Version);

/// <summary>
/// The operator's catalogue, which changes while the process runs. The longest word that stands in a text as a whole
/// decides; a text without one is <c>unknown</c> and <c>high</c>, for what is not known must not be taken as harmless.
/// </summary>
internal sealed class Catalogue(ClassifyServiceOptions options, ILogger<Catalogue> log)
{
    private readonly LiveFile<Sorted> _file =
        new(options.Catalogue!, Read, Read(options.Catalogue!), log);

    /// <summary>Why the file as it is now is not used; null where it is.</summary>
    public string? Fault => _file.Fault;

    public Classification Tag(string text)
    {
        var (now, normal) = (_file.Current, WrittenCatalogue.Normal(text));
        return now.Words.FirstOrDefault(word => StandsIn(normal, word.Match)) is { } found
            ? new Classification(found.Category, found.Sensitivity, found.Match, now.Version)
            : new Classification("unknown", "high", null, now.Version);
    }

    private static bool StandsIn(string text, string word)
    {
        for (var at = text.IndexOf(word, StringComparison.Ordinal); at >= 0;
            at = text.IndexOf(word, at + 1, StringComparison.Ordinal))
        {
            var end = at + word.Length;
            if ((at == 0 || !char.IsLetterOrDigit(text[at - 1]))
                && (end == text.Length || !char.IsLetterOrDigit(text[end])))
                return true;
        }

        return false;
    }

    private static Sorted Read(string path)
    {
        var written = WrittenCatalogue.Read(path);
        return new Sorted(
            written.Version,
            [
                .. written.Words.Select(word => word with { Match = WrittenCatalogue.Normal(word.Match) })
                    .OrderByDescending(word => word.Match.Length).ThenBy(word => word.Match, StringComparer.Ordinal),
            ]);
    }

    /// <summary>The longest words first.</summary>
    private sealed record Sorted(long Version, WrittenWord[] Words);
}

[JsonSerializable(typeof(WrittenCatalogue))]
[JsonSourceGenerationOptions(
    RespectNullableAnnotations = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
internal sealed partial class CatalogueJson : JsonSerializerContext;
