using Broker.Cli.Terminal;
using Broker.Cli.Tests.Support;
using WireMock.RequestBuilders;
using WireMock.ResponseBuilders;
using WireMock.Server;

namespace Broker.Cli.Tests.Doctor;

/// <summary><c>brokerctl doctor</c>: a broker that is set up rightly has no fault, and each mistake is found.</summary>
public sealed class DoctorTests(BrokerSite site) : IClassFixture<BrokerSite>
{
    [Fact]
    public async Task A_broker_on_a_laptop_has_no_fault_and_mints()
    {
        using var user = await site.SignedInAsync();

        var ran = await user.RunAsync("doctor", "--mint", "--role", "vault");

        ran.Code.ShouldBe(ExitCode.Ok, ran.Output + ran.Error);
        ran.Output.ShouldContain("0 faults");
        ran.Output.ShouldContain("it is not https; AWS refuses that, a local cloud does not");
        ran.Output.ShouldContain("STS gave credentials of arn:aws:iam::000000000000:role/agentkeys-vault-role");
        foreach (var check in new[] { "spelling", "discovery", "jwks", "keys", "clock", "healthz", "readyz" })
            ran.Output.ShouldMatch($@"(?m)^ok +{check} ");
    }

    [Fact]
    public async Task Without_a_session_the_canary_is_not_tried_and_that_is_said()
    {
        using var user = await site.UserAsync();

        Find(await user.RunAsync("doctor", "--json"), "mint").Verdict.ShouldBe("Warning");
    }

    [Fact]
    public async Task A_role_that_the_broker_refuses_is_a_fault_with_its_next_step()
    {
        using var user = await site.SignedInAsync();

        var ran = await user.RunAsync("doctor", "--role", "nobodys", "--json");

        ran.Code.ShouldBe(ExitCode.Failed);
        Find(ran, "mint").ShouldSatisfyAllConditions(
            one => one.Verdict.ShouldBe("Fault"), one => one.Fix.ShouldNotBeNullOrEmpty());
    }

    [Fact]
    public async Task An_issuer_that_is_elsewhere_is_a_fault()
    {
        await using var broker = await SoleBroker.StartAsync("https://broker.invalid");
        using var user = new CommandLineUser(broker.Address);

        var ran = await user.RunAsync("doctor", "--json");

        ran.Code.ShouldBe(ExitCode.Failed);
        Find(ran, "spelling").Verdict.ShouldBe("Warning");
        Find(ran, "discovery").ShouldSatisfyAllConditions(
            one => one.Verdict.ShouldBe("Fault"),
            one => one.Found.ShouldContain("https://broker.invalid/.well-known/openid-configuration"),
            one => one.Fix!.ShouldContain("DNS"));
    }

    [Fact]
    public async Task An_http_issuer_of_a_host_is_a_fault()
    {
        await using var broker = await SoleBroker.StartAsync("http://broker.invalid");
        using var user = new CommandLineUser(broker.Address);

        Find(await user.RunAsync("doctor", "--json"), "issuer").ShouldSatisfyAllConditions(
            one => one.Verdict.ShouldBe("Fault"), one => one.Found.ShouldContain("not https"));
    }

    [Fact]
    public async Task A_self_made_CA_is_a_fault_with_the_thumbprint_and_a_CA_of_the_system_is_none()
    {
        await using var relay = new TlsRelay();
        await using var broker = await SoleBroker.StartAsync(relay.Address);
        relay.Forward(broker.Port);
        using var user = new CommandLineUser(new Uri(relay.Address));

        var ran = await user.RunAsync("doctor", "--json");

        ran.Code.ShouldBe(ExitCode.Failed);
        Find(ran, "tls").ShouldSatisfyAllConditions(
            one => one.Verdict.ShouldBe("Fault"), one => one.Fix!.ShouldContain(relay.Thumbprint));

        await File.WriteAllTextAsync(user.File("ca.pem"), relay.RootPem);
        user.Environment["SSL_CERT_FILE"] = user.File("ca.pem");
        ran = await user.RunAsync("doctor", "--json");
        ran.Code.ShouldBe(ExitCode.Ok, ran.Output);
        Find(ran, "tls").Verdict.ShouldBe("Ok");
        Find(ran, "issuer").Found.ShouldContain("names a port");
    }

    [Fact]
    public async Task A_certificate_of_another_host_is_a_fault()
    {
        await using var relay = new TlsRelay("other.example.com");
        await using var broker = await SoleBroker.StartAsync(relay.Address);
        relay.Forward(broker.Port);
        using var user = new CommandLineUser(new Uri(relay.Address));

        Find(await user.RunAsync("doctor", "--json"), "tls").Found.ShouldContain("is not for localhost");
    }

    [Fact]
    public async Task Letter_case_is_a_fault_that_the_eye_passes_over()
    {
        await using var broker = await SoleBroker.StartAsync(null);
        using var user = new CommandLineUser(broker.Address);

        var ran = await user.RunAsync("doctor", "--json", "--broker-url", $"HTTP://127.0.0.1:{broker.Port}");

        Find(ran, "spelling").ShouldSatisfyAllConditions(
            one => one.Verdict.ShouldBe("Fault"), one => one.Found.ShouldContain("letter case"));
    }

    [Theory]
    [InlineData("""{"kid":"a","kty":"EC","use":"sig"},{"kid":"a","kty":"EC","use":"sig"}""", "have the kid a")]
    [InlineData("""{"kty":"EC","use":"sig"},{"kid":"a","kty":"EC","use":"sig"}""", "has no kid")]
    [InlineData("""{"kid":"a","kty":"EC","use":"sig","key_ops":["verify"]}""", "has key_ops")]
    [InlineData("""{"kid":"a","kty":"EC","use":"enc"}""", "has the use enc")]
    [InlineData("""{"kid":"a","kty":"OKP","use":"sig"}""", "type OKP")]
    [InlineData("""{"kid":"a","kty":"EC","use":"sig","d":"AAAA"}""", "which is private")]
    [InlineData("""{"kid":"a","kty":"EC","use":"sig","x5c":["AAAA"]}""", "certificate of another key")]
    [InlineData("", "no key")]
    public async Task A_key_set_that_AWS_refuses_is_a_fault(string keys, string found)
    {
        using var server = Canned(keys);

        var ran = await DoctorAsync(server);

        ran.Code.ShouldBe(ExitCode.Failed);
        Find(ran, "keys").ShouldSatisfyAllConditions(
            one => one.Verdict.ShouldBe("Fault"), one => one.Found.ShouldContain(found));
    }

    [Fact]
    public async Task Too_many_keys_of_a_type_are_a_fault()
    {
        using var server = Canned(string.Join(',', Enumerable.Range(0, 101).Select(number =>
            $$"""{"kid":"{{number}}","kty":"EC","use":"sig"}""")));

        Find(await DoctorAsync(server), "keys").Found.ShouldContain("101 keys of type EC");
    }

    [Theory]
    [InlineData(-600, "Fault", "s behind")]
    [InlineData(90, "Warning", "s before")]
    public async Task A_skewed_clock_is_found(int seconds, string verdict, string found)
    {
        using var server = new SkewedServer(TimeSpan.FromSeconds(seconds));
        using var user = new CommandLineUser(server.Address);

        Find(await user.RunAsync("doctor", "--json"), "clock").ShouldSatisfyAllConditions(
            one => one.Verdict.ShouldBe(verdict), one => one.Found.ShouldContain(found));
    }

    [Fact]
    public async Task A_redirect_is_a_fault_for_AWS_follows_none()
    {
        using var server = CannedServer.Start();
        server.Given(Request.Create().WithPath("/.well-known/openid-configuration"))
            .RespondWith(Response.Create().WithStatusCode(308).WithHeader("Location", "https://elsewhere.example.com/"));

        Find(await DoctorAsync(server), "broker").ShouldSatisfyAllConditions(
            one => one.Verdict.ShouldBe("Fault"), one => one.Found.ShouldContain("redirects to https://elsewhere"));
    }

    private static WireMockServer Canned(string keys)
    {
        var server = CannedServer.Start();
        Answer("/.well-known/openid-configuration", $$"""
            {"issuer":"{{server.Url}}","jwks_uri":"{{server.Url}}/keys"}
            """);
        Answer("/keys", $$"""{"keys":[{{keys}}]}""");
        return server;

        void Answer(string path, string body) => server.Given(Request.Create().WithPath(path)).RespondWith(
            Response.Create().WithHeader("Content-Type", "application/json").WithBody(body));
    }

    private static async Task<Ran> DoctorAsync(WireMockServer server)
    {
        using var user = new CommandLineUser(new Uri(server.Url!));
        return await user.RunAsync("doctor", "--json");
    }

    private static Seen Find(Ran ran, string check)
    {
        var all = ran.Json.GetProperty("findings").EnumerateArray()
            .Where(one => one.GetProperty("check").GetString() == check)
            .Select(one => new Seen(
                one.GetProperty("verdict").GetString()!, one.GetProperty("found").GetString()!,
                one.TryGetProperty("fix", out var fix) ? fix.GetString() : null))
            .ToList();
        all.ShouldNotBeEmpty(ran.Output);

        // The worst: one check may have several findings.
        return all.MaxBy(one => one.Verdict switch { "Ok" => 0, "Warning" => 1, _ => 2 })!;
    }

    private sealed record Seen(string Verdict, string Found, string? Fix);
}
