using System.Reflection;
using Broker.Foundation.Results;
using Broker.Ledger;

namespace Broker.Tests.Architecture;

/// <summary>What the house promises of its own build, held by reflection and by a look at the files.</summary>
public sealed class ArchitectureTests
{
    private static readonly string Sources = Path.Combine(Fixtures.RepositoryRoot, "src");

    [Fact]
    public void Every_refusal_code_is_declared_by_one_module_and_says_what_to_do()
    {
        var codes = BrokerModules.All.SelectMany(module => module.Refusals).ToList();

        codes.Select(code => code.Text).ShouldBeUnique();
        codes.Select(code => code.Text).Order().ShouldBe(DeclaredCodes().Select(code => code.Text).Order());
        foreach (var code in codes)
        {
            code.Text.ShouldMatch("^[a-z][a-z0-9_]*$");
            code.Status.ShouldBeInRange(400, 599, code.Text);
            code.Kind.ShouldMatch("^[a-z_]+$");
            code.NextStep.ShouldMatch(@"^[A-Z].{10,}\.$");
        }
    }

    private static IEnumerable<RefusalCode> DeclaredCodes() => typeof(BrokerModules).Assembly.GetTypes()
        .SelectMany(type => type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
        .Where(field => field.FieldType == typeof(RefusalCode))
        .Select(field => (RefusalCode)field.GetValue(null)!);

    [Theory]
    [InlineData("Broker.Ledger")]
    [InlineData("Broker.Attestation")]
    [InlineData("Broker.Cryptography")]
    public void These_rooms_know_nothing_of_the_web(string name)
    {
        var assembly = Assembly.Load(name);

        var references = assembly.GetReferencedAssemblies().Select(one => one.Name!).ToList();
        references.ShouldNotContain(
            reference => reference.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal));
        references.ShouldNotContain("Broker");
        references.ShouldNotContain("Broker.Kms");
    }

    [Fact]
    public void Only_the_ledger_can_make_a_recorded_release()
    {
        var constructors = typeof(RecordedRelease<>).GetConstructors(
            BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance);

        constructors.ShouldAllBe(one => one.IsAssembly);
        typeof(RecordedRelease<>).Assembly.GetName().Name.ShouldBe("Broker.Ledger");
        typeof(RecordedRelease<>).Assembly
            .GetCustomAttributes<System.Runtime.CompilerServices.InternalsVisibleToAttribute>()
            .ShouldAllBe(
                friend => friend.AssemblyName == "Broker.Ledger.Tests" || friend.AssemblyName == "Broker.Benchmarks");
    }

    [Fact]
    public void Whatever_signs_a_token_for_a_caller_asks_for_a_recorded_release()
    {
        Type[] signers =
        [
            typeof(Broker.Tokens.OidcTokenSigner), typeof(Broker.Sessions.SessionTokens),
            typeof(Broker.Grants.GrantProofs), typeof(Broker.Capabilities.CapabilitySigner),
        ];
        foreach (var signer in signers)
        {
            var makesText = signer.GetMethods(
                BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.DeclaredOnly)
                .Where(method => method.IsPublic && !method.IsSpecialName
                    && (method.ReturnType == typeof(string) || method.Name == "Sign"));
            makesText.ShouldAllBe(
                method => method.GetParameters()
                    .Single().ParameterType.GetGenericTypeDefinition() == typeof(RecordedRelease<>));
        }
    }

    [Fact]
    public void Verified_callers_and_approved_mints_are_made_inside_the_broker_only()
    {
        foreach (var type in (Type[])[typeof(Broker.Identity.VerifiedCaller), typeof(Broker.Releases.ApprovedMint)])
            type.GetConstructors(BindingFlags.Public | BindingFlags.Instance).ShouldBeEmpty(type.Name);
    }

    [Fact]
    public void No_source_file_is_longer_than_400_lines() =>
        SourceFiles().Where(file => File.ReadLines(file).Count() > 400)
            .Select(file => Path.GetRelativePath(Sources, file)).ShouldBeEmpty();

    [Fact]
    public void No_source_file_says_that_it_is_unfinished()
    {
        string[] words = ["TO" + "DO", "FIX" + "ME", "HA" + "CK:", "NotImplemented" + "Exception", "#reg" + "ion"];
        foreach (var file in SourceFiles())
        {
            var text = File.ReadAllText(file);
            foreach (var word in words)
                text.ShouldNotContain(word, Case.Sensitive, Path.GetRelativePath(Sources, file));
        }
    }

    [Fact]
    public void Every_setting_points_to_a_place_in_the_readme()
    {
        var readme = File.ReadAllText(Path.Combine(Fixtures.RepositoryRoot, "README.md"));

        foreach (var anchor in BrokerModules.Settings.Select(setting => setting.Anchor).Append("kms").Distinct())
            readme.ShouldContain($"<a id=\"{anchor}\"></a>");
    }

    private static IEnumerable<string> SourceFiles() =>
        Directory.EnumerateFiles(Sources, "*.cs", SearchOption.AllDirectories)
        .Where(file => !file.Contains("/obj/", StringComparison.Ordinal)
            && !file.Contains("/bin/", StringComparison.Ordinal));
}
