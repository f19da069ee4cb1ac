using System.Text.RegularExpressions;

namespace Broker.Tests.Architecture;

/// <summary>
/// Which project may use which: the arrows point one way, and the README lists them. A new one is added here and there,
/// on purpose.
/// </summary>
public sealed partial class ProjectArrowTests
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Broker.Attestation.Simulation"] = ["Broker.Attestation"],
        ["Broker.Attestation"] = ["Broker.Cryptography", "Broker.Foundation"],
        ["Broker.Cli"] =
        [
            "Broker.Attestation", "Broker.Attestation.Simulation", "Broker.Cryptography", "Broker.Foundation",
            "Broker.Ledger", "Broker.Ledger.Sqlite", "Broker.Ledger.Witness", "Broker.Listening",
        ],
        ["Broker.Cryptography"] = ["Broker.Foundation"],
        ["Broker.Foundation"] = [],
        ["Broker.Kms"] =
        [
            "Broker.Attestation", "Broker.Cryptography", "Broker.Foundation", "Broker.Ledger",
            "Broker.Listening",
        ],
        ["Broker.KmsAuthorizer"] = ["Broker.Cryptography", "Broker.Foundation", "Broker.Listening"],
        ["Broker.Ledger"] = ["Broker.Cryptography", "Broker.Foundation"],
        ["Broker.Ledger.Postgres"] = ["Broker.Cryptography", "Broker.Foundation", "Broker.Ledger"],
        ["Broker.Ledger.S3"] = ["Broker.Ledger"],
        ["Broker.Ledger.Sqlite"] = ["Broker.Cryptography", "Broker.Foundation", "Broker.Ledger"],
        ["Broker.Ledger.Witness"] = ["Broker.Cryptography", "Broker.Foundation", "Broker.Ledger"],
        ["Broker.Listening"] = [],
        ["Broker.LocalCloud"] = ["Broker.Cryptography", "Broker.Foundation"],
        ["Broker"] =
        [
            "Broker.Attestation", "Broker.Cryptography", "Broker.Foundation", "Broker.Kms", "Broker.Ledger",
            "Broker.Ledger.S3", "Broker.Ledger.Sqlite", "Broker.Ledger.Witness", "Broker.Listening",
        ],
    };

    [Fact]
    public void No_project_uses_another_than_it_may() => ArrowsOfTheHouse().ShouldBe(
        Allowed.SelectMany(one => one.Value.Select(used => $"{one.Key} -> {used}")).Order(StringComparer.Ordinal));

    [Fact]
    public void The_readme_lists_every_arrow()
    {
        var readme = File.ReadAllText(Path.Combine(Fixtures.RepositoryRoot, "README.md"));
        foreach (var (project, used) in Allowed)
        {
            var row = $"| `{project}` | {(used.Length == 0 ? "nothing" : string.Join(", ", used.Select(Shown)))} |";
            readme.ShouldContain(row);
        }
    }

    private static string Shown(string project) =>
        $"`{(project == "Broker" ? project : project["Broker.".Length..])}`";

    private static IEnumerable<string> ArrowsOfTheHouse() =>
        Directory.EnumerateFiles(Path.Combine(Fixtures.RepositoryRoot, "src"), "*.csproj", SearchOption.AllDirectories)
            .SelectMany(file => References().Matches(File.ReadAllText(file)).Select(match =>
                $"{Path.GetFileNameWithoutExtension(file)} -> {match.Groups[1].Value}"))
            .Order(StringComparer.Ordinal);

    [GeneratedRegex(@"<ProjectReference Include=""[^""]*?([\w.]+)\.csproj""")]
    private static partial Regex References();
}
