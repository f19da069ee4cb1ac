using Broker.Kms.Lifecycle;
using Broker.Kms.Tests.Rig;

namespace Broker.Kms.Tests.Lifecycle;

/// <summary>
/// One spelling for each address, and HEAD wherever GET: every route of each of the KMS's listeners, over a socket.
/// </summary>
public sealed class SpellingTests : IAsyncLifetime
{
    private const string Token = "0123456789abcdef0123456789abcdef";

    private readonly Datacentre _datacentre = new();
    private Webhook _webhook = null!;

    public async Task InitializeAsync() => _webhook = await Webhook.StartAsync();

    [Fact]
    public async Task The_main_listener_knows_one_spelling()
    {
        await using var kms = await KmsNode.StartRunningAsync(
            _datacentre, _webhook, alter: options => options with { MetricsEnabled = true });
        var walk = await WalkAsync(kms.Address, "GetMeta", "KMS.GetMeta", "GetTempCaCert", "GetAppKey");

        walk.Routes.ShouldContain(("GET", "/metrics"));
        walk.Routes.ShouldContain(("POST", "/prpc/GetMeta"));
        await walk.KnowsOneSpellingAsync();
        await walk.TakesHeadWhereverGetAsync();

        // A method is a value within its route, compared byte for byte; the reference's words for one that is unknown.
        var other = await RawHttp.SendAsync(kms.Address, "POST", "/prpc/getmeta");
        other.ShouldStartWith("HTTP/1.1 400");
        other.ShouldContain("Service not found: getmeta");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_onboarding_listener_knows_one_spelling(bool tls)
    {
        await using var kms = await KmsNode.StartAsync(
            _datacentre, _webhook, alter: options => options with { OnboardTls = tls });
        var walk = await WalkAsync(kms.Address, "Onboard.Bootstrap", "GetAttestationInfo");

        walk.Routes.ShouldContain(("GET", "/finish"));
        walk.Routes.ShouldContain(("GET", "/onboard.js"));
        await walk.KnowsOneSpellingAsync();
        await walk.TakesHeadWhereverGetAsync();
        kms.Host.Phase.ShouldBe(KmsPhase.Onboarding);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_admin_listener_knows_one_spelling(bool openToAll)
    {
        await using var kms = await KmsNode.StartRunningAsync(_datacentre, _webhook, alter: options => options with
        {
            AdminEnabled = true,
            AdminPort = 0,
            AdminAuthToken = openToAll ? "" : Token,
            AdminInsecureNoAuth = openToAll,
        });
        var walk = await ListenerWalk.OfAsync(
            kms.Host.AdminAddress!, openToAll ? "" : $"X-Admin-Token: {Token}\r\n",
            pattern => Filled(pattern, ["Admin.ClearImageCache", "ClearImageCache"]));

        walk.Routes.ShouldContain(("POST", "/prpc/Admin.ClearImageCache"));
        await walk.KnowsOneSpellingAsync();
        await walk.TakesHeadWhereverGetAsync();
    }

    public async Task DisposeAsync()
    {
        await _webhook.DisposeAsync();
        _datacentre.Dispose();
    }

    private static Task<ListenerWalk> WalkAsync(Uri address, params string[] methods) =>
        ListenerWalk.OfAsync(address, fill: pattern => Filled(pattern, methods));

    private static string[] Filled(string pattern, string[] methods) =>
        [.. methods.Select(method => pattern.Replace("{method}", method, StringComparison.Ordinal))];
}
