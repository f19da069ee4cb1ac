using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Broker.Tests.Hosting;

namespace Broker.Tests.Boot;

/// <summary>The life of the real process: its command line, its files, its start and its end.</summary>
public sealed class ProcessTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Prints_help_and_version()
    {
        var help = await BrokerProcess.RunAsync([], "--help");
        var version = await BrokerProcess.RunAsync([], "--version");

        help.ExitCode.ShouldBe(0);
        foreach (var option in (string[])["--bind", "--port", "--init", "--skip-startup-check",
            "--export-session-pubkey-to", "keygen"]) help.Output.ShouldContain(option);
        version.ExitCode.ShouldBe(0);
        version.Output.Trim().ShouldMatch(@"^\d+\.\d+\.\d+");
    }

    /// <summary>
    /// sd_notify(3). systemd's units hide the parent process, so what counts is the socket that systemd names, and
    /// nothing about the parent.
    /// </summary>
    [Fact]
    public async Task A_unit_of_type_notify_hears_when_it_listens_and_that_it_stops()
    {
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        manager.Bind(new UnixDomainSocketEndPoint(_folder.File("notify")));
        manager.ReceiveTimeout = 60_000;
        await using var broker = await BrokerProcess.StartAsync(
            BrokerProcess.Settings(("BROKER_DATA_DIR", _folder.Path), ("NOTIFY_SOCKET", _folder.File("notify"))),
            "--init");

        Heard().ShouldBe("READY=1");
        broker.Terminate();
        Heard().ShouldBe("STOPPING=1");
        (await broker.WaitForEndAsync()).ExitCode.ShouldBe(0);

        string Heard()
        {
            var message = new byte[256];
            return Encoding.UTF8.GetString(message, 0, manager.Receive(message));
        }
    }

    /// <summary>sd_watchdog_enabled(3): a third of the unit's time, so that one late message ends nobody.</summary>
    [Fact]
    public async Task A_unit_with_a_watchdog_hears_that_it_lives()
    {
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        manager.Bind(new UnixDomainSocketEndPoint(_folder.File("notify")));
        manager.ReceiveTimeout = 60_000;
        await using var broker = await BrokerProcess.StartAsync(
            BrokerProcess.Settings(("BROKER_DATA_DIR", _folder.Path), ("NOTIFY_SOCKET", _folder.File("notify")),
                ("WATCHDOG_USEC", "600000")),
            "--init");

        var heard = new List<string>();
        while (heard.Count < 6) heard.Add(Heard());
        broker.Terminate();
        (await broker.WaitForEndAsync()).ExitCode.ShouldBe(0);
        heard.ShouldContain("READY=1");
        heard.Count(message => message == "WATCHDOG=1").ShouldBe(5);

        string Heard()
        {
            var message = new byte[256];
            return Encoding.UTF8.GetString(message, 0, manager.Receive(message));
        }
    }

    /// <summary>The time is for the process that WATCHDOG_PID names, and a child inherits the variables.</summary>
    [Fact]
    public async Task A_watchdog_of_another_process_hears_nothing()
    {
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        manager.Bind(new UnixDomainSocketEndPoint(_folder.File("notify")));
        await using var broker = await BrokerProcess.StartAsync(
            BrokerProcess.Settings(("BROKER_DATA_DIR", _folder.Path), ("NOTIFY_SOCKET", _folder.File("notify")),
                ("WATCHDOG_USEC", "30000"), ("WATCHDOG_PID", "1")),
            "--init");

        await Task.Delay(500);
        broker.Terminate();
        (await broker.WaitForEndAsync()).ExitCode.ShouldBe(0);
        var said = new StringBuilder();
        var message = new byte[256];
        while (manager.Available > 0) said.AppendLine(Encoding.UTF8.GetString(message, 0, manager.Receive(message)));
        said.ToString().ShouldBe("READY=1\nSTOPPING=1\n");
    }

    [Fact]
    public async Task Refuses_an_option_that_it_does_not_know()
    {
        var ended = await BrokerProcess.RunAsync([], "--prot", "1");

        ended.ExitCode.ShouldBe(1);
        ended.Errors.ShouldContain("--prot");
    }

    [Theory]
    [InlineData("oidc")]
    [InlineData("session")]
    public async Task Keygen_writes_a_key_file_for_the_owner_alone_and_never_replaces_one(string purpose)
    {
        var path = _folder.File("keys/new.json");

        var made = await BrokerProcess.RunAsync([], "keygen", "--purpose", purpose, "--out", path);
        var before = await File.ReadAllTextAsync(path);
        var again = await BrokerProcess.RunAsync([], "keygen", "--purpose", purpose, "--out", path);

        made.ExitCode.ShouldBe(0, made.Errors);
        File.GetUnixFileMode(path).ShouldBe(OwnerOnly);
        using var file = JsonDocument.Parse(before);
        file.RootElement.GetProperty("purpose").GetString().ShouldBe(purpose);
        made.Output.ShouldContain(file.RootElement.GetProperty("kid").GetString()!);
        made.Output.ShouldNotContain("PRIVATE");
        using (Jws.KeyOf(path)) { }

        again.ExitCode.ShouldBe(1);
        (await File.ReadAllTextAsync(path)).ShouldBe(before);
        Directory.GetFiles(_folder.File("keys")).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Keygen_refuses_a_purpose_that_there_is_not() => (await BrokerProcess.RunAsync(
        [], "keygen", "--purpose", "world-domination", "--out", _folder.File("x"))).ExitCode.ShouldBe(1);

    [Fact]
    public async Task Init_makes_what_is_missing_for_the_owner_alone_and_the_command_line_beats_the_environment()
    {
        var port = Peers.FreePort();
        var exported = _folder.File("session.pem");
        await using var broker = await BrokerProcess.StartAsync(
            BrokerProcess.Settings(("BROKER_BIND", "198.51.100.1"), ("BROKER_PORT", "1"), ("BROKER_TYPING_EROR", "x")),
            "--init", "--bind", "127.0.0.1", "--port", port.ToString(), "--export-session-pubkey-to", exported);

        broker.Address.ShouldBe(new Uri($"http://127.0.0.1:{port}"));
        (await broker.GetAsync("/healthz")).Text.ShouldBe("ok");
        foreach (var name in (string[])["oidc-keypair.json", "session-keypair.json", "ledger-key.json", "audit.sqlite",
            "broker.sqlite"])
            File.GetUnixFileMode(Path.Combine(broker.DataFolder, name)).ShouldBe(OwnerOnly, name);
        broker.Errors.ShouldContain("BROKER_TYPING_EROR is set, but is not a setting of this broker");

        using var session = Jws.KeyOf(Path.Combine(broker.DataFolder, "session-keypair.json"));
        using var publicKey = ECDsa.Create();
        publicKey.ImportFromPem(await File.ReadAllTextAsync(exported));
        publicKey.ExportSubjectPublicKeyInfo().ShouldBe(session.ExportSubjectPublicKeyInfo());
    }

    [Fact]
    public async Task Warns_of_a_public_address_without_tls()
    {
        await using var broker =
            await BrokerProcess.StartAsync(BrokerProcess.Settings(("BROKER_BIND", "0.0.0.0")), "--init");

        broker.Errors.ShouldContain(
            "broker is binding to a non-loopback address without TLS. Bearer tokens and minted AWS credentials will "
            + "traverse the network in cleartext.");
    }

    [Fact]
    public async Task A_second_process_on_the_same_ledger_is_refused()
    {
        await using var first = await BrokerProcess.StartAsync(BrokerProcess.Settings(), "--init");

        var second = await BrokerProcess.RunAsync(BrokerProcess.Settings(("BROKER_DATA_DIR", first.DataFolder)));

        second.ExitCode.ShouldBe(1);
        second.BootFailures.ShouldHaveSingleItem()
            .ShouldMatch(
                "^BOOT_FAIL: BROKER_AUDIT_DB_PATH=.*is written by process [0-9]+.*; see README#audit-sqlite$");
        (await first.GetAsync("/readyz")).ShouldBeOk();
    }

    [Fact]
    public async Task A_port_that_is_taken_is_a_boot_failure()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port.ToString();

        var ended = await BrokerProcess.RunAsync(BrokerProcess.Settings(), "--init", "--port", port);

        ended.ExitCode.ShouldBe(1);
        ended.BootFailures.ShouldHaveSingleItem().ShouldBe(
            $"BOOT_FAIL: BROKER_PORT=\"{port}\": another program listens on 127.0.0.1:{port}; choose another port by "
            + "BROKER_PORT or --port; see README#listening");
        ended.Errors.ShouldNotContain("   at ");
    }

    [Fact]
    public async Task Ends_cleanly_after_its_longest_uptime()
    {
        var ended = await BrokerProcess.RunAsync(BrokerProcess.Settings(("BROKER_MAX_UPTIME_SECONDS", "1")), "--init");

        ended.ExitCode.ShouldBe(0);
        ended.Errors.ShouldContain("stopping cleanly, to be started afresh");
    }

    [Fact]
    public async Task Sigterm_lets_the_request_under_way_finish_and_ends_with_zero()
    {
        await using var sts = await StsPeer.StartAsync(TimeProvider.System);
        await using var broker =
            await BrokerProcess.StartAsync(BrokerProcess.Settings(("AWS_ENDPOINT_URL_STS", sts.Url)), "--init");
        using var wallet = new Wallet();
        var session = await broker.SignInAsync(wallet);

        Task<Answer> asking;
        using (sts.Hold())
        {
            asking = broker.PostAsync("/v1/mint-aws-creds", bearer: session);
            await sts.WaitForCallsAsync(1);
            broker.Terminate();
            await Eventually.HoldsAsync(
                () => broker.Errors.Contains("shutting down", StringComparison.Ordinal) || !Listens(broker.Address));
        }

        var answer = (await asking).ShouldBeOk();
        (await broker.WaitForEndAsync()).ExitCode.ShouldBe(0);
        broker.RowOf(answer).Outcome.ShouldBe("ok");
    }

    [Fact]
    public async Task Asks_sts_who_it_is_before_it_listens_and_a_strict_start_ends_when_sts_refuses()
    {
        await using var sts = await StsPeer.StartAsync(TimeProvider.System);
        sts.Reply = _ =>
            StsReply.Error(403, "InvalidClientTokenId", "The security token included in the request is invalid.");

        var ended = await BrokerProcess.RunAsync(
            [.. AssumeRole(sts), ("BROKER_REFUSE_TO_BOOT_STRICT", "true")], "--init");

        ended.ExitCode.ShouldBe(1);
        var line = ended.BootFailures.ShouldHaveSingleItem();
        foreach (var word in (string[])["startup STS check failed", "InvalidClientTokenId", "AWS_PROFILE",
            "instance profile", "static keys"]) line.ShouldContain(word);
        ended.Errors.ShouldContain("startup STS check failed — refusing to bind");
        ended.Errors.ShouldNotContain("broker listening");
        ended.Errors.ShouldNotContain("daemon-secret");
        sts.LastCall.Action.ShouldBe("GetCallerIdentity");
    }

    /// <summary>Sign-in, discovery and the ledger need no AWS: a host comes up, and says what is missing.</summary>
    [Fact]
    public async Task Listens_although_sts_refuses_and_readyz_says_so()
    {
        await using var sts = await StsPeer.StartAsync(TimeProvider.System);
        sts.Reply = _ =>
            StsReply.Error(403, "InvalidClientTokenId", "The security token included in the request is invalid.");
        await using var broker = await BrokerProcess.StartAsync(AssumeRole(sts), "--init");

        (await broker.GetAsync("/healthz")).Text.ShouldBe("ok");
        var ready = await broker.GetAsync("/readyz");
        ready.Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        ready.Text.ShouldContain("tier2/sts");
        broker.Errors.ShouldContain("startup STS check failed: ");
        broker.Errors.ShouldNotContain("daemon-secret");
    }

    [Fact]
    public async Task Starts_when_sts_knows_it_and_says_whose_keys_it_uses()
    {
        await using var sts = await StsPeer.StartAsync(TimeProvider.System);
        await using var broker = await BrokerProcess.StartAsync(AssumeRole(sts), "--init");

        broker.Errors.ShouldContain("AWS credentials: static IAM-user keys (DAEMON_ACCESS_KEY_ID env)");
        broker.Errors.ShouldContain("startup STS check passed");
        sts.Calls[0].Authorization.ShouldStartWith("AWS4-HMAC-SHA256 Credential=AKIADAEMON/");
    }

    [Fact]
    public async Task Skips_the_question_when_told_to()
    {
        await using var broker = await BrokerProcess.StartAsync(
            BrokerProcess.Settings(
                ("AWS_ENDPOINT_URL_STS", Peers.DeadUrl), ("DAEMON_ACCESS_KEY_ID", "AKIADAEMON"),
                ("DAEMON_SECRET_ACCESS_KEY", "daemon-secret")),
            "--init", "--skip-startup-check");

        (await broker.GetAsync("/healthz")).Text.ShouldBe("ok");
    }

    [Fact]
    public async Task A_strict_start_ends_with_one_when_the_backend_is_not_there()
    {
        var ended = await BrokerProcess.RunAsync(
            BrokerProcess.Settings(("BROKER_BACKEND_URL", Peers.DeadUrl), ("BROKER_REFUSE_TO_BOOT_STRICT", "true")),
            "--init");

        ended.ExitCode.ShouldBe(1);
        ended.Errors.ShouldContain("BROKER_REFUSE_TO_BOOT_STRICT is set: stopping");
    }

    private static IReadOnlyList<(string Name, string Value)> AssumeRole(StsPeer sts) => BrokerProcess.Settings(
        ("AWS_ENDPOINT_URL_STS", sts.Url), ("DAEMON_ACCESS_KEY_ID", "AKIADAEMON"),
        ("DAEMON_SECRET_ACCESS_KEY", "daemon-secret"));

    private static bool Listens(Uri address)
    {
        try
        {
            using var client = new TcpClient(address.Host, address.Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
