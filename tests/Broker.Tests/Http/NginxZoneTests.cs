using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Broker.Tests.Hosting;

namespace Broker.Tests.Http;

/// <summary>
/// What nginx is told of each address, against every route that is mapped. That nginx does as it is told is judged by
/// nginx: <c>tests/checks/nginx.sh</c>.
/// </summary>
public sealed partial class NginxZoneTests
{
    /// <summary>
    /// Whoever has no session yet asks here; so does a browser on its way to one. On the page for devices short codes
    /// could be guessed.
    /// </summary>
    private static readonly string[] SigningIn = ["/v1/auth/", "/auth/", "/sign-in", "/device"];

    /// <summary>The server behind TLS, as scripts/nginx-vhost.sh prints it for the broker.</summary>
    private static readonly string Configuration = Printed().Split("listen 443 ")[1];

    [Fact]
    public async Task Every_route_that_writes_has_a_zone_that_fits()
    {
        await using var site = await EveryWayToSignIn.StartAsync();
        var writing = site.Broker.RoutePatterns.Where(route => Writes(route.Method, route.Pattern)).ToArray();

        writing.Length.ShouldBeGreaterThan(40);
        foreach (var (method, pattern) in writing)
        {
            var signsIn = SigningIn.Any(prefix => pattern.StartsWith(prefix, StringComparison.Ordinal));
            ZoneOf(pattern).ShouldBe(signsIn ? "agentkeys_sign_in" : "agentkeys_credentials", $"{method} {pattern}");
        }
    }

    [Fact]
    public async Task No_route_is_without_any_zone()
    {
        await using var site = await EveryWayToSignIn.StartAsync();
        foreach (var (method, pattern) in site.Broker.RoutePatterns.Where(route => route.Pattern != "/metrics"))
            ZoneOf(pattern).ShouldNotBeNull($"{method} {pattern}");
    }

    /// <summary>The broker's own answer says which wait was too long; a 504 of nginx says nothing.</summary>
    [Fact]
    public void Nginx_waits_longer_than_the_broker_does_with_every_timeout_at_its_bound()
    {
        string[] bounded =
        [
            "BROKER_BACKEND_TIMEOUT_SECONDS", "BROKER_STS_TIMEOUT_SECONDS", "BROKER_LEDGER_TIMEOUT_SECONDS",
            "BROKER_LEDGER_TIMEOUT_SECONDS", "BROKER_INBOX_TIMEOUT_SECONDS",
        ];
        var longest = bounded.Sum(LongestOf);

        LongestOf("BROKER_EMAIL_TIMEOUT_SECONDS").ShouldBeLessThan(longest);
        var waits = int.Parse(
            ReadTimeout().Match(Configuration).Groups[1].Value, CultureInfo.InvariantCulture);
        waits.ShouldBeGreaterThan(longest);
    }

    /// <summary>
    /// A request that changes something, and the one GET that does: the provider sends the person back by it.
    /// </summary>
    private static bool Writes(string method, string pattern) =>
        method == "POST" || pattern == "/auth/oauth2/callback";

    /// <summary>As nginx chooses: the exact address, else the longest prefix.</summary>
    private static string? ZoneOf(string address)
    {
        var locations = Location().Matches(Configuration)
            .Select(found => (Exact: found.Groups[1].Length > 0, Path: found.Groups[2].Value, Body: found.Groups[3].Value))
            .ToArray();
        var chosen = locations.Where(one => one.Exact && one.Path == address)
            .Concat(locations.Where(one => !one.Exact && address.StartsWith(one.Path, StringComparison.Ordinal))
                .OrderByDescending(one => one.Path.Length))
            .First();
        var zone = Zone().Match(chosen.Body);
        return zone.Success ? zone.Groups[1].Value : null;
    }

    private static string Printed()
    {
        string[] arguments = ["--host", "broker.example.com", "--service", "broker", "--phase", "b"];
        var start = new ProcessStartInfo(
            Path.Combine(Fixtures.RepositoryRoot, "scripts", "nginx-vhost.sh"), arguments)
        {
            RedirectStandardOutput = true,
        };
        using var script = Process.Start(start)!;
        var text = script.StandardOutput.ReadToEnd();
        script.WaitForExit();
        return script.ExitCode == 0 ? text : throw new InvalidOperationException("nginx-vhost.sh prints nothing");
    }

    private static int LongestOf(string setting)
    {
        var form = BrokerModules.Settings.Single(one => one.Name == setting).Form;
        return int.Parse(Bound().Match(form).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"^    location (= )?(/\S*) \{\n((?:        .*\n)*)    \}", RegexOptions.Multiline)]
    private static partial Regex Location();

    [GeneratedRegex(@"limit_req zone=(\w+) ")]
    private static partial Regex Zone();

    [GeneratedRegex(@"proxy_read_timeout (\d+)s;")]
    private static partial Regex ReadTimeout();

    [GeneratedRegex(@"^1 to (\d+) seconds$")]
    private static partial Regex Bound();
}
