using System.Text.Json.Nodes;
using Broker.Cli.Issuer;
using Broker.Cli.Ledger;
using Broker.Cli.Terminal;
using Broker.Cli.Tests.Tee;

namespace Broker.Cli.Tests.Issuer;

/// <summary>
/// Three issuers in simulated machines of one hierarchy: one to be trusted, one that runs other code, and one whose
/// machine is open to its host. What each publishes is kept in a folder, as <c>issuer verify --save</c> wrote it.
/// </summary>
public sealed class IssuerSite : IAsyncLifetime
{
    public static readonly string TrustedCode = new('a', 64);
    public static readonly string OtherCode = new('b', 64);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("issuer-site-");

    internal AttestedBroker Trusted { get; private set; } = null!;

    internal AttestedBroker Other { get; private set; } = null!;

    internal AttestedBroker Debugged { get; private set; } = null!;

    internal string Pki => Path.Combine(_folder.FullName, "pki");

    internal string Root => Path.Combine(Pki, "root-ca.der");

    /// <summary>A receipt of the trusted broker's first entry, as an answer with both.</summary>
    internal string Receipt => Path.Combine(_folder.FullName, "receipt.json");

    public async Task InitializeAsync()
    {
        (await SimulatedTee.RunAsync("tee", "pki", Pki)).ExitCode.ShouldBe(ExitCode.Ok);
        Trusted = await AttestedBroker.StartAsync(Pki, "trusted", ["--compose-hash", TrustedCode]);
        Other = await AttestedBroker.StartAsync(Pki, "other", ["--compose-hash", OtherCode]);
        Debugged = await AttestedBroker.StartAsync(Pki, "debugged", ["--compose-hash", TrustedCode, "--debug-td"]);
        foreach (var broker in (AttestedBroker[])[Trusted, Other, Debugged]) await broker.EnterAsync();
        foreach (var (broker, name) in ((AttestedBroker, string)[])[(Trusted, "t"), (Other, "o"), (Debugged, "d")])
            await RunAsync("issuer", "verify", broker.Issuer, "--root-ca", Root, "--save", Kept(name));

        var entry = Path.Combine(_folder.FullName, "entry");
        var (code, receipt, error) =
            await RunAsync("ledger", "prove", "1", "--db", Trusted.LedgerFile, "--entry-out", entry);
        code.ShouldBe(ExitCode.Ok, error);
        await File.WriteAllTextAsync(Receipt, new JsonObject
        {
            ["receipt"] = receipt,
            ["entry"] = Convert.ToBase64String(await File.ReadAllBytesAsync(entry)),
        }.ToJsonString());
    }

    public async Task DisposeAsync()
    {
        await Trusted.DisposeAsync();
        await Other.DisposeAsync();
        await Debugged.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    /// <summary>Where the files of an issuer are: <c>t</c>, <c>o</c> or <c>d</c>.</summary>
    internal string Kept(string name) => Path.Combine(_folder.FullName, $"kept-{name}");

    /// <summary>A copy of an issuer's files, to be spoilt.</summary>
    internal string Copy(string name)
    {
        var copy = Path.Combine(_folder.FullName, $"copy-{Guid.NewGuid():n}");
        Directory.CreateDirectory(copy);
        foreach (var file in Directory.EnumerateFiles(Kept(name)))
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        return copy;
    }

    internal static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var code = await BrokerCtlProgram.RunAsync(
            [IssuerCommands.Create(), LedgerCommands.Create()], arguments, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
