using System.Text.RegularExpressions;
using Broker.Tests.Hosting;

namespace Broker.Tests.Architecture;

/// <summary>
/// No folder reaches another in a circle: a folder can then be read, and changed, with only those below it in mind. An
/// arrow is a type of one folder that a file of another names in its code.
/// </summary>
public sealed partial class FolderCircleTests
{
    [Theory]
    [InlineData("Broker")]
    [InlineData("Broker.Attestation")]
    [InlineData("Broker.Attestation.Simulation")]
    [InlineData("Broker.Cli")]
    [InlineData("Broker.Cryptography")]
    [InlineData("Broker.Foundation")]
    [InlineData("Broker.Kms")]
    [InlineData("Broker.KmsAuthorizer")]
    [InlineData("Broker.Ledger")]
    [InlineData("Broker.Ledger.Postgres")]
    [InlineData("Broker.Listening")]
    [InlineData("Broker.LocalCloud")]
    public void No_folder_reaches_another_in_a_circle(string project)
    {
        InCircles(ArrowsOf(Path.Combine(Fixtures.RepositoryRoot, "src", project))).ShouldBeEmpty();
    }

    /// <summary>The test itself sees a circle where there is one.</summary>
    [Fact]
    public void A_circle_is_seen()
    {
        using var folder = new TemporaryFolder();
        var project = folder.File("Sample");
        Write(project, "Heads", "Tails", "public class Head { Tail? Other; }");
        Write(project, "Tails", "Heads", "public class Tail { Head? Other; }");
        Write(project, "Edges", "Heads", "public class Edge { Head? Side; }");

        InCircles(ArrowsOf(project)).Order()
            .ShouldBe(["Edges -> Heads", "Heads -> Tails", "Tails -> Heads"]);
    }

    private static void Write(string project, string folder, string used, string code)
    {
        Directory.CreateDirectory(Path.Combine(project, folder));
        File.WriteAllText(
            Path.Combine(project, folder, "Code.cs"), $"using Sample.{used};\nnamespace Sample.{folder};\n{code}\n");
    }

    /// <summary>The arrows of the folders that are in a circle, or lead to one.</summary>
    private static List<string> InCircles(Dictionary<string, HashSet<string>> arrows)
    {
        // What only points at folders that are done is done; what is never done is in a circle, or leads to one.
        var left = arrows.Keys.ToHashSet(StringComparer.Ordinal);
        while (left.RemoveWhere(folder => !arrows[folder].Any(left.Contains)) > 0)
        {
        }

        return [.. left.Select(folder => $"{folder} -> {string.Join(", ", arrows[folder].Where(left.Contains))}")];
    }

    private static Dictionary<string, HashSet<string>> ArrowsOf(string project)
    {
        var files = Directory.EnumerateFiles(project, "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal)
                && !file.Contains("/bin/", StringComparison.Ordinal))
            .Select(file => (Folder: Path.GetRelativePath(project, Path.GetDirectoryName(file)!), Code: CodeOf(file)))
            .ToArray();

        // A name that two folders declare says nothing of which one is meant.
        var homes = files.SelectMany(file => Declarations().Matches(file.Code)
                .Select(match => (Name: match.Groups[1].Value, file.Folder)))
            .Distinct().GroupBy(one => one.Name).Where(group => group.Count() == 1)
            .ToDictionary(group => group.Key, group => group.Single().Folder, StringComparer.Ordinal);

        var arrows = files.Select(file => file.Folder).Distinct()
            .ToDictionary(folder => folder, _ => new HashSet<string>(StringComparer.Ordinal), StringComparer.Ordinal);
        foreach (var (folder, code) in files)
        {
            // A property may be named like a type; a type's namespace is opened by the file or stands above it.
            var opened = Usings().Matches(code).Select(match => match.Groups[1].Value)
                .ToHashSet(StringComparer.Ordinal);
            foreach (Match word in Names().Matches(code))
            {
                if (!homes.TryGetValue(word.Value, out var home) || home == folder) continue;
                var isAbove = home == "." || folder.StartsWith($"{home}/", StringComparison.Ordinal);
                if (isAbove || opened.Contains($"{Path.GetFileName(project)}.{home.Replace('/', '.')}"))
                    arrows[folder].Add(home);
            }
        }

        return arrows;
    }

    /// <summary>Without comments and texts.</summary>
    private static string CodeOf(string file) => NotCode().Replace(File.ReadAllText(file), " ");

    [GeneratedRegex(@"//[^\n]*|""(?:\\.|[^""\\\n])*""")]
    private static partial Regex NotCode();

    [GeneratedRegex(@"\b(?:class|struct|enum|interface|record(?: struct| class)?|delegate [\w<>?]+) (\w+)")]
    private static partial Regex Declarations();

    [GeneratedRegex(@"^using (?:static )?([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Usings();

    [GeneratedRegex(@"\b[A-Z]\w+")]
    private static partial Regex Names();
}
