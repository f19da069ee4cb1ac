using System.Net.Sockets;
using System.Text.Json.Nodes;
using Broker.Attestation.Simulation;
using Broker.Cli.Terminal;

namespace Broker.Cli.Tests.Tee;

/// <summary>The simulator makes room for its socket without taking anything from somebody else.</summary>
public sealed class SocketTests : IDisposable
{
    private readonly DirectoryInfo _pki = Directory.CreateTempSubdirectory("tee-socket");

    public SocketTests()
    {
        using var pki = SimulatedPki.Create(DateTimeOffset.UtcNow);
        pki.Save(_pki.FullName);
    }

    private string SocketPath => Path.Combine(_pki.FullName, "alice.sock");

    [Fact]
    public async Task A_socket_in_use_stays_with_who_uses_it()
    {
        await using var first = await SimulatedTee.StartAsync(_pki.FullName, "alice");

        var (code, _, error) = await SimulateAsync();

        code.ShouldBe(ExitCode.Failed);
        error.ShouldContain("in use");
        (await first.PostAsync("Info", []))["status"]!.GetValue<int>().ShouldBe(200);
    }

    [Fact]
    public async Task A_file_that_is_no_socket_stays()
    {
        await File.WriteAllTextAsync(SocketPath, "precious");

        var (code, _, error) = await SimulateAsync();

        code.ShouldBe(ExitCode.Misuse);
        error.ShouldContain("not a socket");
        (await File.ReadAllTextAsync(SocketPath)).ShouldBe("precious");
    }

    [Fact]
    public async Task A_folder_stays()
    {
        Directory.CreateDirectory(SocketPath);

        (await SimulateAsync()).Code.ShouldBe(ExitCode.Misuse);

        Directory.Exists(SocketPath).ShouldBeTrue();
    }

    [Fact]
    public async Task A_socket_that_nobody_listens_on_any_more_is_replaced()
    {
        // Bound and never listening: what is left of a process that was killed.
        using var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        dead.Bind(new UnixDomainSocketEndPoint(SocketPath));

        await using var tee = await SimulatedTee.StartAsync(_pki.FullName, "alice");

        (await tee.PostAsync("GetQuote", new JsonObject { ["report_data"] = "" }))["status"]!.GetValue<int>()
            .ShouldBe(200);
    }

    [Fact]
    public async Task A_path_too_long_for_a_socket_is_said_so()
    {
        var (code, _, error) = await SimulatedTee.RunAsync(
            "tee", "simulate", "--socket", Path.Combine(_pki.FullName, new string('x', 120)), "--pki", _pki.FullName,
            "--name", "alice");

        code.ShouldNotBe(ExitCode.Ok);
        error.ShouldStartWith("brokerctl: ");
    }

    public void Dispose() => _pki.Delete(recursive: true);

    private async Task<(int Code, string Output, string Error)> SimulateAsync() => await SimulatedTee.RunAsync(
        "tee", "simulate", "--socket", SocketPath, "--pki", _pki.FullName, "--name", "alice");
}
