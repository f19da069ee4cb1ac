using System.Diagnostics;
using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography;
using System.Text.Json;
using Broker.Attestation.Collateral;
using Broker.Attestation.Evidence;
using Broker.Attestation.Quotes;
using Broker.Attestation.Simulation;
using Broker.Attestation.Verification;
using Broker.Cryptography;
using Broker.Foundation.Results;
using Broker.Kms.Certificates;
using Broker.Kms.Configuration;
using Broker.Kms.Keys;
using Broker.Kms.Lifecycle;
using Broker.Kms.Machine;
using Broker.Kms.Records;
using Broker.Kms.Tls;
using Broker.Ledger;
using Broker.Ledger.Refusals;
using Broker.Ledger.Sqlite;
using Broker.Ledger.Writing;
using Microsoft.Extensions.DependencyInjection;
using static Broker.Benchmarks.Arguments;

namespace Broker.Benchmarks.Kms;

/// <summary>
/// <c>kms-app-key [--seconds 10] [--clients 16] [--json FILE]</c>: how many <c>GetAppKey</c> calls a KMS answers over
/// warm connections, and how long one takes. Real TLS, real ledger on disk, a simulated machine; the policy is in the
/// process, so that no webhook is measured.
/// </summary>
internal static class AppKeyThroughput
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        var seconds = int.Parse(Option(arguments, "--seconds") ?? "10", CultureInfo.InvariantCulture);
        var clients = int.Parse(Option(arguments, "--clients") ?? "16", CultureInfo.InvariantCulture);
        var folder = Directory.CreateTempSubdirectory("kms-app-key-").FullName;
        try
        {
            await using var kms = await BenchedKms.StartAsync(folder);
            var point = await MeasureAsync(kms, clients, TimeSpan.FromSeconds(seconds));
            Console.WriteLine(
                $"GetAppKey, {point.Clients} warm connections: {point.PerSecond:0}/s, "
                + $"p50 {point.P50Milliseconds:0.00} ms, p99 {point.P99Milliseconds:0.00} ms");
            if (Option(arguments, "--json") is { } file)
                await File.WriteAllTextAsync(file, JsonSerializer.Serialize(point));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        return 0;
    }

    private static async Task<AppKeyPoint> MeasureAsync(BenchedKms kms, int count, TimeSpan duration)
    {
        var clients = Enumerable.Range(0, count).Select(_ => kms.Connect()).ToArray();
        foreach (var client in clients) await AskAsync(client);

        var clock = Stopwatch.StartNew();
        var times = await Task.WhenAll(clients.Select(client => Task.Run(async () =>
        {
            var own = new List<double>();
            while (clock.Elapsed < duration)
            {
                var start = Stopwatch.GetTimestamp();
                await AskAsync(client);
                own.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }

            return own;
        })));
        var elapsed = clock.Elapsed;
        foreach (var client in clients) client.Dispose();

        var all = times.SelectMany(own => own).Order().ToArray();
        return new AppKeyPoint(
            count, all.Length / elapsed.TotalSeconds, all[all.Length / 2], all[all.Length * 99 / 100]);
    }

    private static async Task AskAsync(HttpClient client)
    {
        using var request = new ByteArrayContent("{\"api_version\":1,\"vm_config\":\"\"}"u8.ToArray());
        using var response = await client.PostAsync("/prpc/GetAppKey?json", request);
        if (!response.IsSuccessStatusCode)
            throw new InvalidOperationException(await response.Content.ReadAsStringAsync());
        await response.Content.ReadAsByteArrayAsync();
    }
}

/// <summary>One measurement.</summary>
internal sealed record AppKeyPoint(int Clients, double PerSecond, double P50Milliseconds, double P99Milliseconds);

/// <summary>A KMS in this process, and a guest that may have its keys.</summary>
internal sealed class BenchedKms : IAsyncDisposable, IGuestAgent, ICollateralOrigin
{
    private static readonly byte[] AppId = SHA256.HashData("benchmark"u8)[..20];

    private readonly SimulatedPki _pki = SimulatedPki.Create(TimeProvider.System.GetUtcNow());
    private readonly Ed25519SigningKey _checkpointKey = Ed25519SigningKey.Generate();
    private readonly SimulatedMachine _machine;
    private readonly SimulatedGuest _guest;
    private readonly QuoteCollateral _collateral;
    private readonly ReleaseLedger _ledger;
    private readonly ServiceProvider _provider;
    private readonly KmsHost _host;
    private readonly string _certDir;

    private BenchedKms(string folder)
    {
        var now = TimeProvider.System.GetUtcNow();
        _machine = _pki.CreateMachine(new SimulatedPlatform { Ppid = new byte[16] }, now);
        _collateral = _pki.IssueCollateral(now);
        var boot = SimulatedGuest.OrdinaryBoot(AppId, new byte[32], AppId, "");
        _guest = SimulatedGuest.FromEvents(_machine, QuoteBodyType.TdReport10, new SimulatedTd(), boot, vmConfig: "");
        _certDir = Path.Combine(folder, "certs");
        _ledger = SqliteLedger.Open(
            new SqliteLedgerOptions
            {
                Path = Path.Combine(folder, "audit.sqlite"),
                Origin = "kms.example/ledger",
                Kinds = new EntryKinds(KmsEntryKinds.All),
            },
            _checkpointKey,
            TimeProvider.System);
        var consent = new ExternalTrustAnchorOptions { InsecureAllowExternalTrustAnchors = true };
        _provider = new ServiceCollection()
            .AddLogging()
            .AddSingleton(TimeProvider.System)
            .AddSingleton(_ledger)
            .AddSingleton(_ => new RefusalRecorder(
                _ledger, new RefusalLimits(30, 300), new DiskReserve(folder, 0, TimeProvider.System),
                TimeProvider.System))
            .AddSingleton<IGuestAgent>(this)
            .AddSingleton(new CollateralBackedVerifier(TrustAnchors.External(_pki.Root, consent), this))
            .AddKms(new KmsOptions
            {
                CertDir = _certDir,
                RpcAddress = System.Net.IPAddress.Loopback,
                RpcPort = 0,
                AutoBootstrapDomain = "localhost",
                AuthApiType = AuthApiType.Dev,
                ImageVerify = false,
            })
            .BuildServiceProvider();
        _host = _provider.GetRequiredService<KmsHost>();
    }

    public static async Task<BenchedKms> StartAsync(string folder)
    {
        var kms = new BenchedKms(folder);
        await kms._host.StartAsync(CancellationToken.None);
        while (kms._host.Phase != KmsPhase.Running)
        {
            if (kms._host.ExecuteTask is { IsFaulted: true } ended) await ended;
            await Task.Delay(20);
        }

        return kms;
    }

    /// <summary>A client of its own connection, with evidence that the KMS accepts.</summary>
    public HttpClient Connect()
    {
        var roots = KmsIdentity.Load(new KeyDirectory(_certDir)).Roots;
        var key = P256PrivateKey.Generate();
        var evidence = _guest.Attest(ReportDataBinding.ForCertificate(key.SubjectPublicKeyInfo))
            .StrippedForCertificate().Encode();
        var pem = KmsCertificates.RaTlsClient(key, evidence, roots.TempCa, TimeProvider.System.GetUtcNow());
        var handler = new SocketsHttpHandler
        {
            SslOptions =
            {
                RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.Subject == "CN=localhost",
                ClientCertificateContext =
                    SslStreamCertificateContext.Create(ServerCertificate.From(pem, key), null, offline: true),
            },
        };
        return new HttpClient(handler) { BaseAddress = _host.Address };
    }

    public Task<Result<byte[]>> AttestAsync(ReadOnlyMemory<byte> reportData, CancellationToken stop) =>
        Task.FromResult<Result<byte[]>>(_guest.Attest(reportData).Encode());

    public Task<Result<string>> VmConfigAsync(CancellationToken stop) => Task.FromResult<Result<string>>("");

    public Task<QuoteCollateral> FetchAsync(CollateralKey key, CancellationToken stop) => Task.FromResult(_collateral);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        await _provider.DisposeAsync();
        await _ledger.DisposeAsync();
        _machine.Dispose();
        _pki.Dispose();
        _checkpointKey.Dispose();
    }
}
