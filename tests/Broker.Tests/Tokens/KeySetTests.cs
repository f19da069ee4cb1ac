using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Broker.Tests.Hosting;

namespace Broker.Tests.Tokens;

/// <summary>The JWKS: what AWS insists on, and rotation without a gap.</summary>
public sealed class KeySetTests(SharedBroker shared) : IClassFixture<SharedBroker>
{
    private readonly BrokerApp _broker = shared.App;

    [Fact]
    public async Task A_new_key_is_named_by_its_thumbprint()
    {
        var key = (await KeysAsync(_broker)).ShouldHaveSingleItem();

        // RFC 7638 §3.2: the required members in the order of their names, nothing between them.
        var (x, y) = (key.GetProperty("x").GetString(), key.GetProperty("y").GetString());
        var canonical = $$"""{"crv":"P-256","kty":"EC","x":"{{x}}","y":"{{y}}"}""";
        key.GetProperty("kid").GetString()
            .ShouldBe(Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(canonical))));
    }

    [Fact]
    public async Task A_key_has_a_certificate_of_itself_and_no_key_ops()
    {
        var key = (await KeysAsync(_broker)).ShouldHaveSingleItem();

        key.EnumerateObject().Select(member => member.Name)
            .ShouldBe(["kty", "crv", "x", "y", "kid", "alg", "use", "x5c"], ignoreOrder: true);
        using var certificate =
            X509CertificateLoader.LoadCertificate(Convert.FromBase64String(key.GetProperty("x5c")[0].GetString()!));
        using var publicKey = certificate.GetECDsaPublicKey()!;
        var point = publicKey.ExportParameters(false).Q;
        Base64Url.EncodeToString(point.X!).ShouldBe(key.GetProperty("x").GetString());
        Base64Url.EncodeToString(point.Y!).ShouldBe(key.GetProperty("y").GetString());
        certificate.Subject.ShouldBe("CN=broker.example.test");
    }

    /// <summary>A common name has at most 64 characters (X.520 ub-common-name); an issuer up to 255.</summary>
    [Theory]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(247)]
    public async Task The_certificate_of_a_long_host_keeps_to_the_limit_of_common_names(int length)
    {
        var host = string.Concat(Enumerable.Repeat($"{new string('a', 31)}.", 8))[..(length - 5)] + ".test";
        await using var broker = await BrokerApp.StartAsync(("BROKER_OIDC_ISSUER", $"https://{host}"));

        var key = (await KeysAsync(broker)).ShouldHaveSingleItem();

        using var certificate =
            X509CertificateLoader.LoadCertificate(Convert.FromBase64String(key.GetProperty("x5c")[0].GetString()!));
        var name = certificate.SubjectName.EnumerateRelativeDistinguishedNames().ShouldHaveSingleItem()
            .GetSingleElementValue()!;
        name.ShouldBe(length <= 64 ? host : key.GetProperty("kid").GetString());
        name.Length.ShouldBeLessThanOrEqualTo(64);
    }

    [Fact]
    public async Task The_certificate_stays_the_same_over_restarts()
    {
        await using var broker = await BrokerApp.StartAsync();
        var before = (await broker.GetAsync("/.well-known/jwks.json")).Text;

        broker.Clock.Advance(TimeSpan.FromDays(30));
        await broker.RestartAsync();

        (await broker.GetAsync("/.well-known/jwks.json")).Text.ShouldBe(before);
    }

    [Fact]
    public async Task A_kid_that_stands_in_an_older_key_file_is_kept()
    {
        using var folder = new TemporaryFolder();
        WriteKey(folder.File("oidc-keypair.json"), "v1-1777000000");
        await using var broker = await BrokerApp.StartAsync(("BROKER_DATA_DIR", folder.Path));
        using var wallet = new Wallet();

        var token =
            Jws.Read(await broker.PostAsync("/v1/mint-oidc-jwt", bearer: await broker.SignInAsync(wallet)), "jwt");

        (await KeysAsync(broker)).ShouldHaveSingleItem().GetProperty("kid").GetString().ShouldBe("v1-1777000000");
        token.Header.GetProperty("kid").GetString().ShouldBe("v1-1777000000");
    }

    [Fact]
    public async Task Keys_rotate_without_a_moment_in_which_a_token_cannot_be_verified()
    {
        using var folder = new TemporaryFolder();
        string first = folder.File("first.json"), next = folder.File("next.json");
        WriteKey(first, "first");
        WriteKey(next, "next");
        using var wallet = new Wallet();
        string earlier;

        // Announced: both are published, the first signs.
        await using (var broker = await BrokerApp.StartAsync(
            ("BROKER_DATA_DIR", folder.Path), ("BROKER_OIDC_KEYPAIR_PATH", first),
            ("BROKER_OIDC_PUBLISHED_KEYPAIR_PATHS", next)))
        {
            (await KeysAsync(broker)).Select(key => key.GetProperty("kid").GetString()).ShouldBe(["first", "next"]);
            earlier = (await broker.PostAsync("/v1/mint-oidc-jwt", bearer: await broker.SignInAsync(wallet)))
                .ShouldBeOk()["jwt"]!;
        }

        // Turned over: the next signs, and what the first signed still verifies.
        await using (var broker = await BrokerApp.StartAsync(
            ("BROKER_DATA_DIR", folder.Path), ("BROKER_OIDC_KEYPAIR_PATH", next),
            ("BROKER_OIDC_PUBLISHED_KEYPAIR_PATHS", first)))
        {
            var keySet = (await broker.GetAsync("/.well-known/jwks.json")).Json;
            var token =
                Jws.Read(await broker.PostAsync("/v1/mint-oidc-jwt", bearer: await broker.SignInAsync(wallet)), "jwt");
            token.Header.GetProperty("kid").GetString().ShouldBe("next");
            token.VerifiesWith(keySet).ShouldBeTrue();
            Jws.Parse(earlier).VerifiesWith(keySet).ShouldBeTrue();
        }
    }

    [Theory]
    [InlineData("/.well-known/jwks.json")]
    [InlineData("/.well-known/openid-configuration")]
    public async Task Public_documents_may_be_kept_for_a_while_and_asked_about_by_their_tag(string path)
    {
        var first = await _broker.GetAsync(path);

        first.Header("Cache-Control")!.ShouldContain("max-age=300");
        first.Header("Content-Type").ShouldBe("application/json");
        var tag = first.Header("ETag")!;
        foreach (var known in (string[])[tag, $"\"other\", {tag}", "*", $"W/{tag}"])
        {
            var again = await _broker.GetAsync(path, ("If-None-Match", known));
            ((int)again.Status).ShouldBe(304, known);
            again.Text.ShouldBeEmpty();
            again.Header("ETag").ShouldBe(tag);
        }

        foreach (var unknown in (string[])["\"other\"", "garbage", ""])
            (await _broker.GetAsync(path, ("If-None-Match", unknown))).ShouldBeOk().Text.ShouldBe(first.Text);
    }

    [Theory]
    [InlineData("https://broker.example.test")]
    [InlineData("https://broker.example.test/tenant/a")]
    public async Task The_issuer_is_the_setting_byte_for_byte_at_both_addresses(string issuer)
    {
        await using var broker = await BrokerApp.StartAsync(("BROKER_OIDC_ISSUER", issuer));

        var openId = await broker.GetAsync("/.well-known/openid-configuration");
        var oauth = await broker.GetAsync("/.well-known/oauth-authorization-server");

        oauth.Text.ShouldBe(openId.Text);
        openId.Text.ShouldStartWith($"{{\"issuer\":\"{issuer}\",");
        openId.Text.ShouldContain($",\"jwks_uri\":\"{issuer}/.well-known/jwks.json\",");
        foreach (var endpoint in (string[])["token", "introspect", "revoke"])
            openId.Text.ShouldContain($"_endpoint\":\"{issuer}/oauth/{endpoint}\"");
    }

    /// <summary>OpenID Connect Discovery 1.0 §4.1 appends, RFC 8414 §3.1 inserts.</summary>
    [Theory]
    [InlineData("/oidc/.well-known/openid-configuration")]
    [InlineData("/.well-known/openid-configuration/oidc")]
    [InlineData("/.well-known/oauth-authorization-server/oidc")]
    [InlineData("/oidc/.well-known/oauth-authorization-server")]
    [InlineData("/.well-known/openid-configuration")]
    public async Task An_issuer_with_a_path_is_found_wherever_its_specifications_look(string path)
    {
        await using var broker = await BrokerApp.StartAsync(("BROKER_OIDC_ISSUER", "https://broker.example.test/oidc"));

        var document = (await broker.GetAsync(path)).ShouldBeOk();
        document["issuer"].ShouldBe("https://broker.example.test/oidc");
        var keys = new Uri(document["jwks_uri"]!).AbsolutePath;
        (await broker.GetAsync(keys)).ShouldBeOk().Json.GetProperty("keys").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task Discovery_has_every_member_that_its_specifications_require()
    {
        await using var broker = await BrokerApp.StartAsync();

        var document = (await broker.GetAsync("/.well-known/openid-configuration")).ShouldBeOk().Json;
        foreach (var member in (string[])["issuer", "authorization_endpoint", "jwks_uri", "response_types_supported",
            "subject_types_supported", "id_token_signing_alg_values_supported"])
            document.TryGetProperty(member, out _).ShouldBeTrue(member);
        document.GetProperty("grant_types_supported").EnumerateArray().Select(one => one.GetString()).ShouldBe(
            [
                "client_credentials", "authorization_code", "refresh_token",
                "urn:ietf:params:oauth:grant-type:device_code", "urn:ietf:params:oauth:grant-type:jwt-bearer",
                "urn:ietf:params:oauth:grant-type:token-exchange",
            ],
            ignoreOrder: true);
        document.GetProperty("token_endpoint_auth_methods_supported").EnumerateArray().Select(one => one.GetString())
            .ShouldBe(["client_secret_basic", "client_secret_post", "private_key_jwt", "none"], ignoreOrder: true);
        Uri.TryCreate(document.GetProperty("authorization_endpoint").GetString(), UriKind.Absolute, out _)
            .ShouldBeTrue();
    }

    private static async Task<IReadOnlyList<JsonElement>> KeysAsync(BrokerApp broker) =>
        [.. (await broker.GetAsync("/.well-known/jwks.json")).ShouldBeOk().Json.GetProperty("keys").EnumerateArray()];

    private static void WriteKey(string path, string kid)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        File.WriteAllText(
            path,
            JsonSerializer.Serialize(
                new { kid, private_key_pem = key.ExportPkcs8PrivateKeyPem(), purpose = "oidc" }));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
