using System.Net;
using System.Text;
using Broker.Kms.Prpc.Messages;
using Broker.Kms.Tests.Rig;
using Google.Protobuf;

namespace Broker.Kms.Tests.Prpc;

/// <summary>prpc over the wire: both encodings, routing, limits and headers.</summary>
public sealed class PrpcEndpointTests : IAsyncLifetime
{
    private readonly Datacentre _datacentre = new();
    private Webhook _webhook = null!;
    private KmsNode _kms = null!;
    private KmsClient _client = null!;

    public async Task InitializeAsync()
    {
        _webhook = await Webhook.StartAsync();
        _kms = await KmsNode.StartRunningAsync(_datacentre, _webhook, alter: options => options with
        {
            AdminEnabled = true,
            AdminPort = 0,
            AdminAuthToken = "operator",
        });
        _client = KmsClient.Plain(_kms.Address);
    }

    [Fact]
    public async Task Protobuf_in_protobuf_out()
    {
        var request = new GetAppEnvEncryptPubKeyRequest { AppId = ByteString.CopyFrom(new byte[20]) };

        using var response = await _client.SendAsync(
            HttpMethod.Post, "/prpc/KMS.GetAppEnvEncryptPubKey", request.ToByteArray(), "application/octet-stream");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/octet-stream");
        var answer = PublicKeyResponse.Parser.ParseFrom(await response.Content.ReadAsByteArrayAsync());
        answer.SignatureV1.Length.ShouldBe(65);
    }

    [Fact]
    public async Task A_protobuf_failure_is_a_message_with_the_text_in_field_1()
    {
        using var response = await _client.SendAsync(HttpMethod.Post, "/prpc/GetAppEnvEncryptPubKey", []);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var error = PrpcError.Parser.ParseFrom(await response.Content.ReadAsByteArrayAsync());
        error.Message.ShouldBe("app_id must be 20 bytes");
    }

    [Fact]
    public async Task A_json_failure_is_indented_by_two()
    {
        using var response = await _client.SendAsync(HttpMethod.Get, "/prpc/GetAppKey");

        response.Content.Headers.ContentType!.ToString().ShouldBe("application/json");
        (await response.Content.ReadAsStringAsync())
            .ShouldBe("{\n  \"error\": \"App not allowed: No attestation provided\"\n}");
    }

    /// <summary>What the documents show: curl with <c>-d '{}'</c> and nothing else.</summary>
    [Fact]
    public async Task A_body_that_begins_with_a_brace_is_json_whatever_its_content_type()
    {
        using var response = await _client.SendAsync(
            HttpMethod.Post, "/prpc/GetMeta", "{}"u8.ToArray(), "application/x-www-form-urlencoded");

        (await response.Content.ReadAsStringAsync()).ShouldStartWith("{\"ca_cert\":\"-----BEGIN CERTIFICATE-----\\n");
    }

    [Fact]
    public async Task A_get_request_takes_its_fields_from_the_query()
    {
        using var response = await _client.SendAsync(
            HttpMethod.Get, $"/prpc/GetAppEnvEncryptPubKey?app_id=0x{new string('0', 40)}");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await response.Content.ReadAsStringAsync()).ShouldStartWith("{\"public_key\":\"");
    }

    [Theory]
    [InlineData("Nothing", "Service not found: Nothing")]
    [InlineData("KMS.Nothing", "Service not found: Nothing")]
    [InlineData("getmeta", "Service not found: getmeta")]
    [InlineData("Onboard.GetMeta", "Service not found: Onboard.GetMeta")]
    [InlineData("Bootstrap", "Service not found: Bootstrap")]
    public async Task An_unknown_method_is_a_bad_request(string method, string text) =>
        (await _client.RefusalAsync(method, "{}")).ShouldBe(text);

    [Fact]
    public async Task The_root_says_what_this_is()
    {
        using var response = await _client.SendAsync(HttpMethod.Get, "/");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/html");
        (await response.Content.ReadAsStringAsync()).ShouldContain("<h1>This KMS is running</h1>");
    }

    [Fact]
    public async Task The_version_names_the_commit_of_the_build()
    {
        using var response = await _client.SendAsync(HttpMethod.Get, "/health");

        response.Headers.GetValues("X-App-Version").Single().ShouldNotContain(new string('0', 20));
    }

    [Theory]
    [InlineData("1%00")]
    [InlineData("%201")]
    [InlineData("%2B1")]
    [InlineData("4294967296")]
    public async Task A_number_of_a_query_is_digits_that_fit_its_field(string number)
    {
        using var response = await _client.SendAsync(HttpMethod.Get, $"/prpc/SignCert?api_version={number}");

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await response.Content.ReadAsStringAsync()).ShouldContain("field api_version has an unusable value");
    }

    [Theory]
    [InlineData("/prpc/a/b")]
    [InlineData("/finish")]
    public async Task Other_paths_are_not_found(string path)
    {
        using var response = await _client.SendAsync(HttpMethod.Get, path);

        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_body_above_ten_mebibytes_is_refused()
    {
        using var response = await _client.SendAsync(
            HttpMethod.Post, "/prpc/SignCert?json", new byte[(10 * 1024 * 1024) + 1]);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await response.Content.ReadAsStringAsync()).ShouldContain("payload too large");
    }

    [Fact]
    public async Task Answers_carry_their_headers_and_are_never_stored()
    {
        using var response = await _client.SendAsync(HttpMethod.Get, "/prpc/GetMeta");

        response.Headers.GetValues("X-App-Version").Single().ShouldMatch(@"^v\d+\.\d+\.\d+ \(git:[0-9a-f]{20}\)$");
        response.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
        response.Headers.GetValues("X-Frame-Options").ShouldBe(["SAMEORIGIN"]);
        response.Headers.CacheControl!.NoStore.ShouldBeTrue();
    }

    [Theory]
    [InlineData("/PRPC/GetMeta?json")]
    [InlineData("/Prpc/GetMeta?json")]
    [InlineData("/prpc/GetMeta/?json")]
    [InlineData("/prpc//GetMeta?json")]
    [InlineData("/METRICS")]
    [InlineData("/metrics/")]
    [InlineData("/Health")]
    public async Task Every_address_has_one_spelling(string path)
    {
        using var main = await _client.SendAsync(HttpMethod.Get, path);
        main.StatusCode.ShouldBe(HttpStatusCode.NotFound);

        using var admin = new HttpClient { BaseAddress = _kms.Host.AdminAddress };
        admin.DefaultRequestHeaders.Add("X-Admin-Token", "operator");
        using var there = await admin.GetAsync(path);
        there.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/metrics")]
    [InlineData("/")]
    [InlineData("/prpc/GetMeta?json")]
    public async Task HEAD_answers_wherever_GET_does_without_a_body(string path)
    {
        using var get = await _client.SendAsync(HttpMethod.Get, path);
        using var head = await _client.SendAsync(HttpMethod.Head, path);

        head.StatusCode.ShouldBe(get.StatusCode);
        (await head.Content.ReadAsByteArrayAsync()).ShouldBeEmpty();
        get.Headers.CacheControl!.NoStore.ShouldBeTrue();
    }

    [Fact]
    public async Task Health_and_metrics_answer()
    {
        await _client.RefusalAsync("GetAppKey", "{}");
        await _client.RefusalAsync("KMS.GetKmsKey", "{}");
        await _client.AnswerAsync("GetMeta", "{}");
        using var health = await _client.SendAsync(HttpMethod.Get, "/health");
        using var metrics = await _client.SendAsync(HttpMethod.Get, "/metrics");

        (await health.Content.ReadAsStringAsync()).ShouldBe("OK");
        (await metrics.Content.ReadAsStringAsync()).ShouldBe(
            """
            # HELP dstack_kms_attestation_requests_total Total number of KMS attestation requests.
            # TYPE dstack_kms_attestation_requests_total counter
            dstack_kms_attestation_requests_total 2
            # HELP dstack_kms_attestation_failures_total Total number of failed KMS attestation requests.
            # TYPE dstack_kms_attestation_failures_total counter
            dstack_kms_attestation_failures_total 2

            """);
    }

    [Theory]
    [InlineData("X-Admin-Token", "operator", HttpStatusCode.OK)]
    [InlineData("Authorization", "Bearer operator", HttpStatusCode.OK)]
    [InlineData("Authorization", "Basic YW55Ym9keTpvcGVyYXRvcg==", HttpStatusCode.OK)]
    [InlineData("Authorization", "Basic b3BlcmF0b3I6", HttpStatusCode.OK)]
    [InlineData("Authorization", "Basic %%%", HttpStatusCode.Unauthorized)]
    [InlineData("Authorization", "Basic YW55Ym9k eTpvcGVyYXRvcg==", HttpStatusCode.Unauthorized)]
    [InlineData("Authorization", "Basic YW55Ym9keTpvcGVyYXRvch==", HttpStatusCode.Unauthorized)]
    [InlineData("Authorization", "Bearer guess", HttpStatusCode.Unauthorized)]
    [InlineData("X-Other", "operator", HttpStatusCode.Unauthorized)]
    public async Task The_admin_listener_asks_for_the_token(string header, string value, HttpStatusCode expected)
    {
        var cached = Path.Combine(_kms.Options.ImageCacheDir, "images", "00ff");
        Directory.CreateDirectory(cached);
        using var http = new HttpClient { BaseAddress = _kms.Host.AdminAddress };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/prpc/Admin.ClearImageCache?json")
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes("{\"image_hash\":\"00FF\"}")),
        };
        request.Headers.TryAddWithoutValidation(header, value);

        using var response = await http.SendAsync(request);

        response.StatusCode.ShouldBe(expected);
        Directory.Exists(cached).ShouldBe(expected != HttpStatusCode.OK);
        if (expected == HttpStatusCode.Unauthorized)
            response.Headers.WwwAuthenticate.ToString().ShouldBe("Basic realm=\"dstack-kms admin\"");
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _kms.DisposeAsync();
        await _webhook.DisposeAsync();
        _datacentre.Dispose();
    }
}
