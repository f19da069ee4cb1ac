using System.Text.RegularExpressions;
using Broker.Attestation.Collateral;
using Broker.Attestation.Quotes;
using Broker.Attestation.Simulation;
using Broker.Attestation.Tests.Simulation;
using Broker.Attestation.Verification;
using Microsoft.Extensions.Time.Testing;

namespace Broker.Attestation.Tests.Collateral;

public sealed class CachedCollateralSourceTests : IClassFixture<Simulated>, IDisposable
{
    private static readonly CollateralKey Key = new(TeeType.Tdx, "51b000000000", PckCa.Platform);

    private readonly Simulated _simulated;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("collateral-cache");
    private readonly FakeTimeProvider _clock = new(Simulated.Now);
    private readonly Origin _origin = new();
    private readonly List<string> _reported = [];

    public CachedCollateralSourceTests(Simulated simulated)
    {
        _simulated = simulated;
        _origin.Next = simulated.Pki.IssueCollateral(Simulated.Now);
    }

    private string CacheFile => Path.Combine(_folder.FullName, "tdx-51b000000000-platform.json");

    [Fact]
    public async Task Asks_the_origin_again_after_an_hour()
    {
        var cache = Cache();

        await cache.GetAsync(Key, CancellationToken.None);
        await cache.GetAsync(Key, CancellationToken.None);
        _origin.Asked.ShouldBe(1);

        _clock.Advance(TimeSpan.FromMinutes(59));
        await cache.GetAsync(Key, CancellationToken.None);
        _origin.Asked.ShouldBe(1);

        _clock.Advance(TimeSpan.FromMinutes(2));
        var newer = _origin.Next = _simulated.Pki.IssueCollateral(_clock.GetUtcNow());
        (await cache.GetAsync(Key, CancellationToken.None)).Source.ShouldBeSameAs(newer);
        _origin.Asked.ShouldBe(2);
    }

    [Fact]
    public async Task Serves_from_its_folder_after_a_restart()
    {
        await Cache().GetAsync(Key, CancellationToken.None);
        File.SetLastWriteTimeUtc(CacheFile, Simulated.Now.UtcDateTime);

        var served = await Cache().GetAsync(Key, CancellationToken.None);

        _origin.Asked.ShouldBe(1);
        QuoteCollateralJson.Write(served.Source).ShouldBe(QuoteCollateralJson.Write(_origin.Next!));
    }

    [Fact]
    public async Task Serves_what_it_holds_while_the_origin_is_away_and_says_so()
    {
        var cache = Cache();
        var held = await cache.GetAsync(Key, CancellationToken.None);
        _origin.Next = null;
        _clock.Advance(TimeSpan.FromDays(3));

        (await cache.GetAsync(Key, CancellationToken.None)).ShouldBeSameAs(held);

        _reported.ShouldHaveSingleItem().ShouldContain("away");
        await cache.GetAsync(Key, CancellationToken.None);
        _origin.Asked.ShouldBe(2, "the next try waits a while");
    }

    [Fact]
    public async Task Never_serves_what_has_ended()
    {
        var cache = Cache();
        await cache.GetAsync(Key, CancellationToken.None);
        _origin.Next = null;
        _clock.Advance(TimeSpan.FromDays(31));

        await Should.ThrowAsync<CollateralUnavailableException>(() => cache.GetAsync(Key, CancellationToken.None));
        await Should.ThrowAsync<CollateralUnavailableException>(() => Cache().GetAsync(Key, CancellationToken.None));
    }

    [Fact]
    public async Task Stores_nothing_that_does_not_verify()
    {
        var edited = _origin.Next!.TcbInfo.Replace("UpToDate", "upToDate", StringComparison.Ordinal);
        _origin.Next = _origin.Next with { TcbInfo = edited };

        var fault = await Should.ThrowAsync<CollateralUnavailableException>(
            () => Cache().GetAsync(Key, CancellationToken.None));

        fault.Message.ShouldContain("TCB_INFO_SIGNATURE");
        File.Exists(CacheFile).ShouldBeFalse();
    }

    [Fact]
    public async Task Stores_nothing_for_another_platform_family()
    {
        var other = Key with { Fmspc = "b0c06f000000" };

        var fault = await Should.ThrowAsync<CollateralUnavailableException>(
            () => Cache().GetAsync(other, CancellationToken.None));

        fault.Message.ShouldContain("another FMSPC");
    }

    [Fact]
    public async Task Stores_no_crl_of_a_ca_that_the_root_did_not_issue()
    {
        using var stranger = SimulatedPki.Create(Simulated.Now.AddMonths(-1));
        var foreign = stranger.IssueCollateral(Simulated.Now);
        _origin.Next = _origin.Next! with { PckCrl = foreign.PckCrl, PckCrlIssuerChain = foreign.PckCrlIssuerChain };

        var fault = await Should.ThrowAsync<CollateralUnavailableException>(
            () => Cache().GetAsync(Key, CancellationToken.None));

        fault.Message.ShouldContain("PCK CRL");
    }

    [Theory]
    [InlineData(nameof(QuoteCollateral.RootCaCrl), "root CRL is older")]
    [InlineData(nameof(QuoteCollateral.PckCrl), "PCK CRL is older")]
    [InlineData(nameof(QuoteCollateral.TcbInfo), "TCB info is older")]
    [InlineData(nameof(QuoteCollateral.QeIdentity), "QE identity is older")]
    public async Task Takes_nothing_back(string part, string said)
    {
        var cache = Cache();
        var held = await cache.GetAsync(Key, CancellationToken.None);
        _clock.Advance(TimeSpan.FromHours(25));
        var newer = _simulated.Pki.IssueCollateral(_clock.GetUtcNow());
        var older = _simulated.Pki.IssueCollateral(Simulated.Now.AddDays(-3));
        _origin.Next = part switch
        {
            nameof(QuoteCollateral.RootCaCrl) => newer with { RootCaCrl = older.RootCaCrl },
            nameof(QuoteCollateral.PckCrl) => newer with { PckCrl = older.PckCrl },
            nameof(QuoteCollateral.TcbInfo)
                => newer with { TcbInfo = older.TcbInfo, TcbInfoSignature = older.TcbInfoSignature },
            _ => newer with { QeIdentity = older.QeIdentity, QeIdentitySignature = older.QeIdentitySignature },
        };

        (await cache.GetAsync(Key, CancellationToken.None)).ShouldBeSameAs(held);

        _reported.ShouldHaveSingleItem().ShouldContain(said);
    }

    [Fact]
    public async Task Takes_nothing_back_even_from_what_has_ended()
    {
        await Cache().GetAsync(Key, CancellationToken.None);
        _clock.Advance(TimeSpan.FromDays(31));
        var newer = _simulated.Pki.IssueCollateral(_clock.GetUtcNow());
        _origin.Next = newer with { RootCaCrl = _simulated.Pki.IssueCollateral(Simulated.Now.AddDays(-3)).RootCaCrl };

        var fault = await Should.ThrowAsync<CollateralUnavailableException>(
            () => Cache().GetAsync(Key, CancellationToken.None));

        fault.Message.ShouldContain("root CRL is older");
    }

    [Fact]
    public async Task A_damaged_file_is_fetched_anew()
    {
        await File.WriteAllTextAsync(CacheFile, "{\"root_ca_crl\":");

        await Cache().GetAsync(Key, CancellationToken.None);

        _origin.Asked.ShouldBe(1);
        QuoteCollateralJson.Read(await File.ReadAllBytesAsync(CacheFile)).Succeeded.ShouldBeTrue();
        _folder.GetFiles().Select(file => file.Name).ShouldAllBe(name => Regex.IsMatch(name, "^[a-z0-9-]+\\.json$"));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_reported_and_stops_nothing()
    {
        var file = Path.Combine(_folder.FullName, "not-a-folder");
        await File.WriteAllTextAsync(file, "");
        var cache = new CachedCollateralSource(
            _origin, file, new QuoteVerifier(_simulated.Anchors), _clock, (_, fault) => _reported.Add(fault));

        (await cache.GetAsync(Key, CancellationToken.None)).Source.ShouldBeSameAs(_origin.Next);

        _reported.ShouldHaveSingleItem().ShouldContain("not kept");
    }

    [Fact]
    public async Task Callers_at_the_same_time_share_one_fetch()
    {
        var cache = Cache();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => cache.GetAsync(Key, CancellationToken.None)));

        _origin.Asked.ShouldBe(1);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private CachedCollateralSource Cache() => new(
        _origin, _folder.FullName, new QuoteVerifier(_simulated.Anchors), _clock, (_, fault) => _reported.Add(fault));

    private sealed class Origin : ICollateralOrigin
    {
        private int _asked;

        /// <summary>What it answers; null when it is away.</summary>
        public QuoteCollateral? Next { get; set; }

        public int Asked => _asked;

        public async Task<QuoteCollateral> FetchAsync(CollateralKey key, CancellationToken stop)
        {
            Interlocked.Increment(ref _asked);
            await Task.Yield();
            return Next ?? throw new CollateralUnavailableException("away");
        }
    }
}
