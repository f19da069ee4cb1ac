using System.Security.Cryptography;
using System.Text;
using Broker.Attestation.Collateral;
using Broker.Attestation.SevSnp.Collateral;
using Broker.Attestation.SevSnp.Reports;
using Broker.Attestation.Simulation.SevSnp;
using Broker.Attestation.Tests.Collateral;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Broker.Attestation.Tests.SevSnp;

/// <summary>The key service over real HTTP: what is asked, how often, and what is believed of its answers.</summary>
public sealed class CachedCertificatesTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("snp-certificates-").FullName;
    private readonly FakeTimeProvider _time = new(SimulatedSnp.Now);
    private readonly HttpClient _client = KdsOrigin.CreateClient();
    private CollateralService _service = null!;

    public async Task InitializeAsync() => _service = await CollateralService.StartAsync();

    public async Task DisposeAsync()
    {
        await _service.DisposeAsync();
        _client.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>The levels are decimal, in AMD's names; an id of Turin has 8 bytes and an FMC level.</summary>
    [Fact]
    public async Task Asks_in_AMDs_paths()
    {
        using var milan = SimulatedSnp.Milan.CreateMachine("one", SimulatedSnp.MilanLevels);
        using var turin = SimulatedSnp.Turin.CreateMachine("one", SimulatedSnp.TurinLevels);
        Serve(SimulatedSnp.Milan, milan);
        Serve(SimulatedSnp.Turin, turin);

        await Source(SimulatedSnp.Milan).GetAsync(KeyOf(milan), CancellationToken.None);
        await Source(SimulatedSnp.Turin).GetAsync(KeyOf(turin), CancellationToken.None);

        _service.Asked.Order().ShouldBe(((string[])
        [
            $"/vcek/v1/Milan/{Hex(milan.HardwareId)}?blSPL=4&teeSPL=0&snpSPL=24&ucodeSPL=219",
            "/vcek/v1/Milan/cert_chain",
            $"/vcek/v1/Turin/{Hex(turin.HardwareId)}?fmcSPL=1&blSPL=1&teeSPL=1&snpSPL=4&ucodeSPL=81",
            "/vcek/v1/Turin/cert_chain",
        ]).Order());
    }

    [Fact]
    public async Task Many_who_need_one_certificate_cost_one_question()
    {
        using var machine = SimulatedSnp.Milan.CreateMachine("one", SimulatedSnp.MilanLevels);
        Serve(SimulatedSnp.Milan, machine);
        var go = new TaskCompletionSource();
        var leafPath = LeafPath(SimulatedSnp.Milan, machine);
        var answer = _service.Answers[leafPath];
        _service.Answers[leafPath] = async context =>
        {
            await go.Task;
            await answer(context);
        };
        var source = Source(SimulatedSnp.Milan);

        var waiting = Enumerable.Range(0, 20)
            .Select(_ => source.GetAsync(KeyOf(machine), CancellationToken.None)).ToArray();
        go.SetResult();

        foreach (var got in await Task.WhenAll(waiting)) got.Leaf!.Value.ToArray().ShouldBe(machine.Vcek);
        _service.Asked.Count.ShouldBe(2);
        // And over a restart none.
        await Source(SimulatedSnp.Milan).GetAsync(KeyOf(machine), CancellationToken.None);
        _service.Asked.Count.ShouldBe(2);
    }

    /// <summary>What is not the asked certificate, or does not verify, is neither given nor kept.</summary>
    [Fact]
    public async Task Believes_no_answer_that_does_not_verify()
    {
        using var machine = SimulatedSnp.Milan.CreateMachine("one", SimulatedSnp.MilanLevels);
        using var other = SimulatedSnp.Milan.CreateMachine("two", SimulatedSnp.MilanLevels);
        using var newer = SimulatedSnp.Milan.CreateMachine("one", SimulatedSnp.MilanLevels with { Tee = 1 });
        Serve(SimulatedSnp.Milan, machine);
        var path = LeafPath(SimulatedSnp.Milan, machine);
        foreach (var (answer, reason) in ((byte[], string)[])
            [(other.Vcek, "CHIP_ID_MISMATCH"), (newer.Vcek, "TCB_MISMATCH"), ([1, 2], "CERT_MALFORMED"),
                (machine.Intermediate, "CHAIN_NAME"), (Flipped(machine.Vcek), "CHAIN_SIGNATURE")])
        {
            _service.Answers[path] = context => context.Response.Body.WriteAsync(answer).AsTask();
            (await FaultAsync(Source(SimulatedSnp.Milan), machine)).ShouldContain(reason);
        }

        Directory.GetFiles(_folder).ShouldBeEmpty();
    }

    /// <summary>After a 429 nothing is asked for as long as the service says.</summary>
    [Fact]
    public async Task Leaves_a_throttling_service_alone()
    {
        using var machine = SimulatedSnp.Milan.CreateMachine("one", SimulatedSnp.MilanLevels);
        _service.Answers[LeafPath(SimulatedSnp.Milan, machine)] = Throttle;
        _service.Answers["/vcek/v1/Milan/cert_chain"] = Throttle;
        var source = Source(SimulatedSnp.Milan);

        (await FaultAsync(source, machine)).ShouldContain("answered 429");
        var asked = _service.Asked.Count;
        _time.Advance(TimeSpan.FromSeconds(29));
        (await FaultAsync(source, machine)).ShouldContain("asks to be left alone");
        _service.Asked.Count.ShouldBe(asked);

        Serve(SimulatedSnp.Milan, machine);
        _time.Advance(TimeSpan.FromSeconds(12));
        (await source.GetAsync(KeyOf(machine), CancellationToken.None)).Leaf.ShouldNotBeNull();

        static Task Throttle(HttpContext context)
        {
            context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            context.Response.Headers.RetryAfter = "30";
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task Bounds_answers_in_size_and_time()
    {
        using var machine = SimulatedSnp.Milan.CreateMachine("one", SimulatedSnp.MilanLevels);
        Serve(SimulatedSnp.Milan, machine);
        var path = LeafPath(SimulatedSnp.Milan, machine);

        _service.Answers[path] = context => context.Response.Body.WriteAsync(new byte[1 << 20]).AsTask();
        (await FaultAsync(Source(SimulatedSnp.Milan), machine)).ShouldContain("too long");

        _service.Answers[path] = context => Task.Delay(Timeout.Infinite, context.RequestAborted);
        (await FaultAsync(Source(SimulatedSnp.Milan, TimeSpan.FromMilliseconds(100)), machine))
            .ShouldContain("no answer within");
    }

    /// <summary>Whoever hangs up ends his own wait and nobody else's.</summary>
    [Fact]
    public async Task One_caller_that_goes_away_ends_no_other_ones_wait()
    {
        using var machine = SimulatedSnp.Milan.CreateMachine("one", SimulatedSnp.MilanLevels);
        Serve(SimulatedSnp.Milan, machine);
        var go = new TaskCompletionSource();
        var path = LeafPath(SimulatedSnp.Milan, machine);
        var answer = _service.Answers[path];
        _service.Answers[path] = async context =>
        {
            await go.Task;
            await answer(context);
        };
        var source = Source(SimulatedSnp.Milan);
        using var gone = new CancellationTokenSource();

        var first = source.GetAsync(KeyOf(machine), gone.Token);
        var second = source.GetAsync(KeyOf(machine), CancellationToken.None);
        await gone.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(first);
        go.SetResult();

        (await second).Leaf.ShouldNotBeNull();
    }

    [Fact]
    public async Task Keeps_a_revocation_list_for_an_hour_and_believes_only_the_roots()
    {
        var now = SimulatedSnp.Now;
        byte[] Served() => SimulatedSnp.Milan.RevocationList(now, now.AddDays(1));
        _service.Answers["/vcek/v1/Milan/crl"] = context => context.Response.Body.WriteAsync(Served()).AsTask();
        var source = Source(SimulatedSnp.Milan);

        await source.RevocationListAsync(ProcessorFamily.Milan, CancellationToken.None);
        await source.RevocationListAsync(ProcessorFamily.Milan, CancellationToken.None);
        _service.Asked.Count.ShouldBe(1);
        _time.Advance(TimeSpan.FromHours(1));
        await source.RevocationListAsync(ProcessorFamily.Milan, CancellationToken.None);
        _service.Asked.Count.ShouldBe(2);

        _time.Advance(TimeSpan.FromHours(1));
        _service.Answers["/vcek/v1/Milan/crl"] = context => context.Response.Body.WriteAsync(
            SimulatedSnp.Turin.RevocationList(now, now.AddDays(1))).AsTask();
        var refused = await Should.ThrowAsync<CollateralUnavailableException>(
            source.RevocationListAsync(ProcessorFamily.Milan, CancellationToken.None));
        refused.Message.ShouldContain("CRL_ISSUER");
    }

    /// <summary>A stranger's bytes lead to a question only where they name a chip that could exist.</summary>
    [Fact]
    public void Asks_for_no_masked_chip_and_for_no_unknown_processor()
    {
        using var machine = SimulatedSnp.Milan.CreateMachine("one", SimulatedSnp.MilanLevels);
        VcekKey? Of(Action<byte[]> alter)
            => VcekKey.Of(SnpReportReader.Read(Report(machine, alter)).Value.ShouldNotBeNull());

        Of(_ => { }).ShouldNotBeNull();
        Of(report => report.AsSpan(SnpReportLayout.ChipId.Offset, 64).Clear()).ShouldBeNull();
        Of(report => report[SnpReportLayout.Cpuid.Offset] = 0x17).ShouldBeNull();
    }

    private static byte[] Report(SimulatedSnpMachine machine, Action<byte[]>? alter = null)
        => machine.Report(new byte[64], new byte[32], new byte[48], alter);

    private static VcekKey KeyOf(SimulatedSnpMachine machine)
        => VcekKey.Of(SnpReportReader.Read(Report(machine)).Value.ShouldNotBeNull()).ShouldNotBeNull();

    private static async Task<string> FaultAsync(CachedCertificates source, SimulatedSnpMachine machine)
        => (await Should.ThrowAsync<CollateralUnavailableException>(
            source.GetAsync(KeyOf(machine), CancellationToken.None))).Message;

    private static byte[] Flipped(byte[] certificate)
    {
        byte[] flipped = [.. certificate];
        flipped[^1] ^= 1;
        return flipped;
    }

    private static string LeafPath(SimulatedSnpPki pki, SimulatedSnpMachine machine)
        => $"/vcek/v1/{pki.Family}/{Hex(machine.HardwareId)}";

    private CachedCertificates Source(SimulatedSnpPki pki, TimeSpan? timeout = null)
    {
        var options = new KdsOptions
        {
            Address = new Uri(_service.Address, "/vcek/v1"),
            Timeout = timeout ?? TimeSpan.FromSeconds(30),
        };
        return new CachedCertificates(
            new KdsOrigin(_client, options, _time), _folder, SimulatedSnp.Anchors(pki), _time);
    }

    private void Serve(SimulatedSnpPki pki, SimulatedSnpMachine machine)
    {
        var chain = PemEncoding.WriteString("CERTIFICATE", pki.Intermediate) + "\n"
            + PemEncoding.WriteString("CERTIFICATE", pki.Root) + "\n";
        _service.Answers[LeafPath(pki, machine)] = context => context.Response.Body.WriteAsync(machine.Vcek).AsTask();
        _service.Answers[$"/vcek/v1/{pki.Family}/cert_chain"] =
            context => context.Response.Body.WriteAsync(Encoding.ASCII.GetBytes(chain)).AsTask();
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
