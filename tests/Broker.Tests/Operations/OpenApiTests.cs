using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Broker.Tests.Hosting;

namespace Broker.Tests.Operations;

/// <summary>
/// The OpenAPI document is a promise: it names these routes, no more and no fewer, and what each refuses with.
/// </summary>
public sealed class OpenApiTests(SharedBroker shared) : IClassFixture<SharedBroker>
{
    private static readonly string[] Routes =
    [
        "GET /",
        "GET /.well-known/issuer-attestation",
        "GET /.well-known/jwks.json",
        "GET /.well-known/oauth-authorization-server",
        "GET /.well-known/oauth-protected-resource",
        "GET /.well-known/openid-configuration",
        "GET /account",
        "GET /account/entries/{id}",
        "GET /device",
        "GET /healthz",
        "GET /ledger/checkpoint",
        "GET /ledger/checkpoint/witnessed",
        "GET /ledger/successions",
        "GET /ledger/tile/{path}",
        "GET /ledger/vkey",
        "GET /metrics",
        "GET /oauth/authorize",
        "GET /oauth/consent",
        "GET /openapi",
        "GET /openapi/scalar.js",
        "GET /openapi/v1.json",
        "GET /readyz",
        "GET /sign-in",
        "GET /sign-in/state",
        "GET /sign-in/wait",
        "GET /v1/agent/pending-bindings",
        "GET /v1/aws/credentials",
        "GET /v1/aws/credentials/{role}",
        "GET /v1/grant/list",
        "GET /v1/grant/path-policies",
        "GET /v1/keys",
        "GET /v1/ledger/entries",
        "GET /v1/ledger/entries/{id}",
        "GET /v1/ledger/entries/{id}/receipt",
        "GET /v1/mail",
        "GET /v1/mail/{id}",
        "GET /v1/roles",
        "GET /v1/wallet/links",
        "GET /verify",
        "POST /account/agents/claim",
        "POST /account/agents/confirm",
        "POST /account/agents/decline",
        "POST /account/agents/resume",
        "POST /account/agents/suspend",
        "POST /account/grants/revoke",
        "POST /account/links/unlink",
        "POST /account/sessions/end",
        "POST /account/sessions/end-others",
        "POST /account/sign-out",
        "POST /device/decision",
        "POST /oauth/consent",
        "POST /oauth/device_authorization",
        "POST /oauth/introspect",
        "POST /oauth/revoke",
        "POST /oauth/token",
        "POST /sign-in/finish",
        "POST /sign-in/wallet",
        "POST /v1/agent/create",
        "POST /v1/agent/pairing/claim",
        "POST /v1/agent/pairing/poll",
        "POST /v1/agent/pairing/request",
        "POST /v1/agent/pending-bindings/ack",
        "POST /v1/agent/pending-bindings/decline",
        "POST /v1/auth/device/decision",
        "POST /v1/auth/exchange",
        "POST /v1/auth/link-code/redeem",
        "POST /v1/auth/oauth2/start",
        "POST /v1/auth/session/end",
        "POST /v1/auth/wallet/start",
        "POST /v1/auth/wallet/verify",
        "POST /v1/cap/canonical-memory-get",
        "POST /v1/cap/channel-pub",
        "POST /v1/cap/channel-sub",
        "POST /v1/cap/classify",
        "POST /v1/cap/config-fetch",
        "POST /v1/cap/config-store",
        "POST /v1/cap/config-teardown",
        "POST /v1/cap/cred-fetch",
        "POST /v1/cap/cred-store",
        "POST /v1/cap/cred-teardown",
        "POST /v1/cap/memory-append",
        "POST /v1/cap/memory-get",
        "POST /v1/cap/memory-put",
        "POST /v1/cap/memory-teardown",
        "POST /v1/grant/create",
        "POST /v1/grant/path-policies/resume",
        "POST /v1/grant/path-policies/suspend",
        "POST /v1/grant/revoke",
        "POST /v1/identity/link",
        "POST /v1/identity/unlink",
        "POST /v1/keys/{purpose}/emergency-rotate",
        "POST /v1/keys/{purpose}/rotate",
        "POST /v1/keys/{purpose}/{version}/retire",
        "POST /v1/mint-aws-creds",
        "POST /v1/mint-oidc-jwt",
        "POST /v1/wallet/link",
        "POST /v1/wallet/recover/lookup",
    ];

    /// <summary>Behind <c>/v1/</c>, and open to anyone.</summary>
    private static readonly string[] Open =
    [
        "/v1/agent/pairing/poll", "/v1/agent/pairing/request", "/v1/auth/link-code/", "/v1/auth/oauth2/",
        "/v1/auth/wallet/",
        "/v1/wallet/recover/lookup",
    ];

    [Fact]
    public async Task Names_every_route()
    {
        var document = (await shared.App.GetAsync("/openapi/v1.json")).ShouldBeOk().Json;

        document.GetProperty("openapi").GetString()!.ShouldStartWith("3.");
        var routes = document.GetProperty("paths").EnumerateObject()
            .SelectMany(
                path => path.Value.EnumerateObject().Select(method => $"{method.Name.ToUpperInvariant()} {path.Name}"));
        routes.Order(StringComparer.Ordinal).ShouldBe(Routes);
    }

    [Fact]
    public async Task Names_the_routes_of_sign_in_by_mail_where_it_is_offered()
    {
        await using var broker = await MailSignIn.StartAsync();
        var paths = (await broker.GetAsync("/openapi/v1.json")).ShouldBeOk().Json.GetProperty("paths");

        paths.EnumerateObject().SelectMany(path => path.Value.EnumerateObject()
                .Select(method => $"{method.Name.ToUpperInvariant()} {path.Name}"))
            .Except(Routes).Order(StringComparer.Ordinal).ShouldBe(
            [
                "GET /auth/email/landing", "GET /v1/auth/email/status/{request_id}", "GET /v1/auth/email/verify",
                "POST /sign-in/mail", "POST /v1/auth/email/preview", "POST /v1/auth/email/request",
                "POST /v1/auth/email/verify",
            ]);
        Responses("/v1/auth/email/request", "post").ShouldBe(["200", "400", "413", "415", "429", "502", "503"]);
        Responses("/v1/auth/email/preview", "post").ShouldBe(["200", "400", "401", "413", "415", "429", "503"]);
        Responses("/v1/auth/email/verify", "post").ShouldBe(["200", "400", "401", "413", "415", "503"]);
        Responses("/v1/auth/email/verify", "get").ShouldBe(["405"]);
        Responses("/v1/auth/email/status/{request_id}", "get").ShouldBe(["200", "400", "500", "503"]);

        IEnumerable<string> Responses(string path, string method) => paths.GetProperty(path).GetProperty(method)
            .GetProperty("responses").EnumerateObject().Select(one => one.Name).Order(StringComparer.Ordinal);
    }

    /// <summary>No script, style, font or request from another host, by policy of the page (CSP Level 3).</summary>
    [Fact]
    public async Task Is_drawn_as_a_page_that_loads_nothing_from_elsewhere()
    {
        var page = (await shared.App.GetAsync("/openapi")).ShouldBeOk();

        page.Header("Content-Type").ShouldBe("text/html; charset=utf-8");
        page.Text.ShouldNotContain("//");
        var policy = page.Header("Content-Security-Policy")!.Split("; ");
        policy.ShouldContain("default-src 'none'");
        policy.ShouldContain("connect-src 'self'");
        policy.ShouldContain("base-uri 'none'");
        policy.ShouldContain("frame-ancestors 'none'");
        policy.ShouldAllBe(one => !one.Contains("http", StringComparison.Ordinal) && !one.Contains('*'));

        // The one inline script is allowed by its hash, and by nothing else.
        var inline = page.Text.Split("<script>")[1].Split("</script>")[0];
        var hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(inline)));
        policy.ShouldContain($"script-src 'self' 'sha256-{hash}'");
        inline.ShouldContain("\"openapi/v1.json\"");

        var script = (await shared.App.GetAsync("/openapi/scalar.js")).ShouldBeOk();
        script.Header("Content-Type").ShouldBe("text/javascript");
        script.Text.ShouldContain("createApiReference");
    }

    [Fact]
    public async Task Is_drawn_by_a_browser_under_that_policy()
    {
        using var profile = new TemporaryFolder();
        using var browser = Process.Start(new ProcessStartInfo(
            Environment.GetEnvironmentVariable("CHROMIUM") ?? "/usr/bin/chromium",
            [
                "--headless", "--no-sandbox", "--disable-gpu", $"--user-data-dir={profile.Path}",
                "--virtual-time-budget=30000", "--enable-logging=stderr", "--dump-dom",
                new Uri(shared.App.Address, "/openapi").ToString(),
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var said = browser.StandardError.ReadToEndAsync();
        var drawn = await browser.StandardOutput.ReadToEndAsync();

        drawn.ShouldContain("Short-lived credentials for proven identities");
        drawn.ShouldContain("/readyz"); // of the first; the page draws those further down when they come into view
        (await said).ShouldNotContain("Content Security Policy");
    }

    [Fact]
    public async Task Names_exactly_the_routes_that_are_mapped()
    {
        var document = (await shared.App.GetAsync("/openapi/v1.json")).ShouldBeOk().Json;

        var described = document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject()
            .Select(method => $"{method.Name.ToUpperInvariant()} {path.Name}"));
        var mapped = shared.App.RoutePatterns
            .Select(route => $"{route.Method} {route.Pattern.Replace("**", "", StringComparison.Ordinal)}");
        described.Order(StringComparer.Ordinal).ShouldBe(mapped.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Has_our_title_and_says_of_every_route_what_it_is_and_answers()
    {
        var document = (await shared.App.GetAsync("/openapi/v1.json")).ShouldBeOk().Json;

        document.GetProperty("info").GetProperty("title").GetString().ShouldBe("Broker");
        document.GetProperty("info").GetProperty("version").GetString().ShouldBe("0.1.0");
        document.GetProperty("components").GetProperty("securitySchemes").GetProperty("bearer")
            .GetProperty("scheme").GetString().ShouldBe("bearer");
        foreach (var path in document.GetProperty("paths").EnumerateObject())
        {
            foreach (var method in path.Value.EnumerateObject())
            {
                var name = $"{method.Name} {path.Name}";
                method.Value.GetProperty("summary").GetString().ShouldNotBeNullOrEmpty(name);
                method.Value.GetProperty("responses").EnumerateObject()
                    .ShouldContain(answer => answer.Name.StartsWith('2') || answer.Name == "303", name);
                var wantsBearer = path.Name.StartsWith("/v1/", StringComparison.Ordinal)
                    && !Array.Exists(Open, open => path.Name.StartsWith(open, StringComparison.Ordinal));
                method.Value.TryGetProperty("security", out var security).ShouldBe(wantsBearer, name);
                if (wantsBearer) security[0].TryGetProperty("bearer", out _).ShouldBeTrue(name);
            }
        }
    }

    [Fact]
    public async Task Names_query_parameters_headers_and_the_signed_form()
    {
        var document = (await shared.App.GetAsync("/openapi/v1.json")).ShouldBeOk().Json;
        var paths = document.GetProperty("paths");

        Parameters("/v1/mint-aws-creds", "post")
            .ShouldBe(["header Idempotency-Key", "query dry_run", "query receipt"]);
        Parameters("/v1/mint-oidc-jwt", "post").ShouldContain("query receipt");
        Parameters("/v1/ledger/entries", "get").ShouldBe(["query after", "query limit"]);
        Parameters("/v1/ledger/entries/{id}", "get").ShouldBe(["path id"]);
        Parameters("/v1/mail", "get").ShouldBe(["query after", "query limit"]);
        var body = paths.GetProperty("/v1/mint-aws-creds").GetProperty("post").GetProperty("requestBody")
            .GetProperty("content").GetProperty("application/json").GetProperty("schema");
        var schema = document.GetProperty("components").GetProperty("schemas")
            .GetProperty(body.GetProperty("$ref").GetString()!.Split('/')[^1]).GetProperty("properties");
        foreach (var member in (string[])["role", "duration_seconds", "request_id", "issued_at", "intent", "auth"])
            schema.TryGetProperty(member, out _).ShouldBeTrue(member);

        string[] Parameters(string path, string method) =>
        [
            .. paths.GetProperty(path).GetProperty(method).GetProperty("parameters").EnumerateArray()
                .Select(one => $"{one.GetProperty("in").GetString()} {one.GetProperty("name").GetString()}")
                .Order(StringComparer.Ordinal),
        ];
    }

    [Fact]
    public async Task Says_of_every_mint_what_it_takes_gives_and_refuses()
    {
        var document = (await shared.App.GetAsync("/openapi/v1.json")).Json;

        foreach (var path in (string[])["/v1/mint-oidc-jwt", "/v1/mint-aws-creds"])
        {
            var route = document.GetProperty("paths").GetProperty(path).GetProperty("post");
            route.GetProperty("summary").GetString().ShouldNotBeNullOrEmpty();
            route.GetProperty("requestBody").GetProperty("content").TryGetProperty("application/json", out _)
                .ShouldBeTrue();
            foreach (var status in (string[])["200", "400", "401", "429", "500", "502", "503"])
                route.GetProperty("responses").TryGetProperty(status, out _).ShouldBeTrue(status);
        }
    }
}
