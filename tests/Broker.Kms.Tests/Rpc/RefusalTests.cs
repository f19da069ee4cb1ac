using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Broker.Attestation.Evidence;
using Broker.Attestation.Quotes;
using Broker.Attestation.Verification;
using Broker.Kms.Certificates;
using Broker.Kms.Keys;
using Broker.Kms.Tests.Rig;

namespace Broker.Kms.Tests.Rpc;

/// <summary>
/// Every way in which a caller is turned away: the text, the ledger's row, and no key material anywhere.
/// </summary>
public sealed class RefusalTests : IAsyncLifetime
{
    private readonly Datacentre _datacentre = new();
    private Webhook _webhook = null!;
    private KmsNode _kms = null!;

    public async Task InitializeAsync()
    {
        _webhook = await Webhook.StartAsync();
        _kms = await KmsNode.StartRunningAsync(_datacentre, _webhook, alter: options => options with
        {
            AdminTokenHash = Convert.ToHexStringLower(SHA256.HashData("let me in"u8)),
        });
    }

    [Theory]
    [InlineData("GetAppKey", "App not allowed: No attestation provided", "kms_app_key")]
    [InlineData("GetKmsKey", "No attestation provided", "kms_kms_key")]
    public async Task A_client_without_evidence(string method, string text, string kind)
    {
        using var client = KmsClient.Plain(_kms.Address);

        (await client.RefusalAsync(method, "{}")).ShouldBe(text);

        LastEntry().ShouldBe((kind, "auth_failed", text, ""));
        _kms.Entries()[^1].Evidence.ShouldBe("""{"code":"kms_not_attested"}""");
    }

    [Fact]
    public async Task Evidence_that_is_bound_to_another_key()
    {
        var guest = new Guest(_datacentre.NewMachine(), "app");
        using var client = await KmsClient.AttestedAsync(_kms.Address, guest, _ => guest.Attest(new byte[64]).Encode());

        // On every method, also on those that would not have looked at it.
        (await client.RefusalAsync("GetMeta", "{}")).ShouldBe("invalid quote: report data mismatch");
        (await client.RefusalAsync("GetAppKey", "{}")).ShouldBe("invalid quote: report data mismatch");

        LastEntry().ShouldBe(
            ("kms_app_key", "auth_failed", "invalid quote: report data mismatch", ""));
    }

    [Fact]
    public async Task A_platform_that_expired()
    {
        var machine = _datacentre.NewMachine(platform => platform with { CertificateExpired = true });
        using var client = await KmsClient.AttestedAsync(_kms.Address, new Guest(machine, "app"));

        (await client.RefusalAsync("GetAppKey", "{}")).ShouldStartWith("invalid quote: failed to verify TDX quote: ");
        LastEntry().Outcome.ShouldBe("auth_failed");
    }

    [Fact]
    public async Task A_platform_that_was_revoked()
    {
        var machine = _datacentre.NewMachine();
        _datacentre.Revoke(machine);
        using var client = await KmsClient.AttestedAsync(_kms.Address, new Guest(machine, "app"));

        (await client.RefusalAsync("GetAppKey", "{}")).ShouldStartWith("invalid quote: failed to verify TDX quote: ");
    }

    [Fact]
    public async Task A_trust_domain_in_debug_mode()
    {
        var guest = new Guest(_datacentre.NewMachine(), "app", TdAttributes.SeptVeDisable | TdAttributes.Debug);
        using var client = await KmsClient.AttestedAsync(_kms.Address, guest);

        (await client.RefusalAsync("GetAppKey", "{}")).ShouldContain("debug", Case.Insensitive);
    }

    [Fact]
    public async Task A_platform_that_is_out_of_date_is_for_the_policy_to_judge()
    {
        var machine = _datacentre.NewMachine(platform => platform with { TcbStatus = TcbStatus.OutOfDate });
        _webhook.Answer = (_, body) => Task.FromResult((200, JsonSerializer.Serialize(new
        {
            isAllowed = body.GetProperty("tcbStatus").GetString() == "UpToDate",
            gatewayAppId = "",
            reason = "TCB status is not allowed",
        })));
        using var client = await KmsClient.AttestedAsync(_kms.Address, new Guest(machine, "app"));

        (await client.RefusalAsync("GetAppKey", "{}"))
            .ShouldBe("App not allowed: Boot denied: TCB status is not allowed");
    }

    [Theory]
    [InlineData("GetAppKey", "App not allowed: Boot denied: not today")]
    [InlineData("GetKmsKey", "Boot denied: not today")]
    public async Task A_caller_that_the_webhook_denies(string method, string text)
    {
        var guest = new Guest(_datacentre.NewMachine(), "app");
        using var client = await KmsClient.AttestedAsync(_kms.Address, guest);
        AllowTheKmsBut("not today");

        (await client.RefusalAsync(method, "{}")).ShouldBe(text);

        var entry = _kms.Entries()[^1];
        entry.Outcome.ShouldBe("denied");
        entry.OutcomeDetail.ShouldBe(text);
        entry.Subject.ShouldNotBeEmpty();
        entry.Evidence.ShouldContain("mr_aggregated");
        entry.Evidence.ShouldContain("""
            "code":"kms_boot_denied"
            """);
    }

    [Theory]
    [InlineData(500, "down", "returned 500 Internal Server Error")]
    [InlineData(200, "<html>", "failed to decode response from")]
    [InlineData(200, "{\"isAllowed\":true,\"reason\":\"\"}", "failed to decode response from")]
    [InlineData(200, "{\"isAllowed\":true,\"reason\":null,\"gatewayAppId\":\"\"}", "failed to decode response from")]
    [InlineData(200, "null", "failed to decode response from")]
    [InlineData(302, "", "returned 302 Found")]
    public async Task A_webhook_without_a_proper_answer(int status, string body, string text)
    {
        using var client = await KmsClient.AttestedAsync(_kms.Address, new Guest(_datacentre.NewMachine(), "app"));
        _webhook.Answer = (path, question) => path == "/bootAuth/kms"
            ? Allowed()
            : Task.FromResult((status, body));

        var refusal = await client.RefusalAsync("GetAppKey", "{}");

        refusal.ShouldStartWith("App not allowed: ");
        refusal.ShouldContain(text);
        if (body.Length > 0) refusal.ShouldNotContain(body);
        LastEntry().Outcome.ShouldBe("backend_error");
        LastEntry().Detail.ShouldBe(refusal);
        _kms.Entries()[^1].Evidence.ShouldContain("""
            "code":"kms_authority_unavailable"
            """);
    }

    [Fact]
    public async Task A_webhook_that_is_slow_is_a_no()
    {
        await using var kms = await KmsNode.StartRunningAsync(_datacentre, _webhook, alter: options => options with
        {
            WebhookTimeout = TimeSpan.FromSeconds(2),
        });
        using var client = await KmsClient.AttestedAsync(kms.Address, new Guest(_datacentre.NewMachine(), "app"));
        var never = new TaskCompletionSource<(int, string)>();
        _webhook.Answer = (_, _) => never.Task;

        var refusal = await client.RefusalAsync("GetAppKey", "{}");

        never.SetCanceled();
        refusal.ShouldStartWith(
            "KMS self authorization failed: Failed to call self KMS auth check: error sending request");
        kms.Entries()[^1].Outcome.ShouldBe("backend_error");
    }

    [Fact]
    public async Task A_webhook_that_answers_without_end_is_a_no()
    {
        using var client = await KmsClient.AttestedAsync(_kms.Address, new Guest(_datacentre.NewMachine(), "app"));
        _webhook.Answer = (_, _) => Task.FromResult((200, new string(' ', 100_000)));

        (await client.RefusalAsync("GetAppKey", "{}")).ShouldContain("error sending request");
    }

    [Fact]
    public async Task A_kms_that_its_own_policy_no_longer_allows()
    {
        using var plain = KmsClient.Plain(_kms.Address);
        using var attested = await KmsClient.AttestedAsync(_kms.Address, new Guest(_datacentre.NewMachine(), "app"));
        _webhook.Deny("aggregated MR not allowed");
        const string text = "KMS self authorization failed: KMS is not allowed: aggregated MR not allowed";

        foreach (var (client, method) in new[]
        {
            (plain, "GetTempCaCert"), (plain, "GetAppEnvEncryptPubKey"), (plain, "GetAppKey"), (plain, "SignCert"),
            (attested, "GetAppKey"), (attested, "GetKmsKey"),
        })
        {
            (await client.RefusalAsync(method, "{}")).ShouldBe(text);
        }

        await plain.AnswerAsync("GetMeta", "{}");
        _webhook.Allow();
        await plain.AnswerAsync("GetTempCaCert", "{}");
    }

    [Fact]
    public async Task An_api_version_that_nobody_speaks()
    {
        using var client = KmsClient.Plain(_kms.Address);

        (await client.RefusalAsync("GetAppKey", "{\"api_version\":2}")).ShouldBe("Unsupported API version: 2");
        (await client.RefusalAsync("SignCert", "{\"api_version\":0}")).ShouldBe("Unsupported API version: 0");
    }

    [Fact]
    public async Task An_app_id_of_another_length()
    {
        using var client = KmsClient.Plain(_kms.Address);

        (await client.RefusalAsync("GetAppEnvEncryptPubKey", "{\"app_id\":\"00\"}"))
            .ShouldBe("app_id must be 20 bytes");
    }

    [Fact]
    public async Task An_operator_with_the_wrong_token()
    {
        using var client = KmsClient.Plain(_kms.Address);

        (await client.RefusalAsync("ClearImageCache", "{\"token\":\"guess\",\"image_hash\":\"all\"}"))
            .ShouldBe("Invalid token");
        (await client.RefusalAsync("ClearImageCache", "{\"token\":\"let me in\",\"image_hash\":\"../x\"}"))
            .ShouldBe("failed to clear image cache: invalid cache key");
        await client.AnswerAsync(
            "ClearImageCache", "{\"token\":\"let me in\",\"image_hash\":\"all\",\"config_hash\":\"ab\"}");
    }

    [Fact]
    public async Task A_certificate_of_another_ca_does_not_get_through_the_handshake()
    {
        var guest = new Guest(_datacentre.NewMachine(), "app");
        var key = P256PrivateKey.Generate();
        var pem = Kms.Certificates.KmsCertificates.RaTlsClient(
            key,
            guest.Attest(ReportDataBinding.ForCertificate(key.SubjectPublicKeyInfo)).Encode(),
            P256PrivateKey.Generate(),
            DateTimeOffset.UtcNow);
        using var client = KmsClient.With(_kms.Address, Kms.Tls.ServerCertificate.From(pem, key));

        await Should.ThrowAsync<HttpRequestException>(() => client.PostAsync("GetAppKey", "{}"));
    }

    [Fact]
    public async Task No_refusal_holds_key_material()
    {
        var roots = KmsIdentity.Load(_kms.Keys).Roots;
        string[] secrets =
            [Convert.ToHexStringLower(roots.ExportK256()), Convert.ToHexStringLower(roots.Ca.Scalar), "PRIVATE"];
        using var plain = KmsClient.Plain(_kms.Address);
        using var attested = await KmsClient.AttestedAsync(_kms.Address, new Guest(_datacentre.NewMachine(), "app"));
        AllowTheKmsBut("no");

        foreach (var (client, method) in new[]
        {
            (plain, "GetKmsKey"), (attested, "GetKmsKey"), (attested, "GetAppKey"),
        })
        {
            var (status, answer) = await client.PostAsync(method, "{}");
            status.ShouldBe(HttpStatusCode.BadRequest);
            foreach (var secret in secrets) answer.ToString().ShouldNotContain(secret);
        }

        foreach (var entry in _kms.Entries())
        {
            foreach (var secret in secrets) JsonSerializer.Serialize(entry).ShouldNotContain(secret);
        }
    }

    [Fact]
    public async Task Without_a_ledger_nothing_leaves()
    {
        using var client = await KmsClient.AttestedAsync(_kms.Address, new Guest(_datacentre.NewMachine(), "app"));
        await _kms.Ledger.DisposeAsync();

        foreach (var method in new[] { "GetAppKey", "GetKmsKey", "GetTempCaCert" })
        {
            var (status, answer) = await client.PostAsync(method, "{}");
            status.ShouldBe(HttpStatusCode.ServiceUnavailable);
            answer.EnumerateObject().Select(property => property.Name).ShouldBe(["error"]);
        }
    }

    public async Task DisposeAsync()
    {
        await _kms.DisposeAsync();
        await _webhook.DisposeAsync();
        _datacentre.Dispose();
    }

    private (string Kind, string Outcome, string? Detail, string Subject) LastEntry()
    {
        var entry = _kms.Entries()[^1];
        return (entry.Kind, entry.Outcome, entry.OutcomeDetail, entry.Subject);
    }

    private static Task<(int, string)> Allowed() =>
        Task.FromResult((200, "{\"isAllowed\":true,\"gatewayAppId\":\"\",\"reason\":\"\"}"));

    /// <summary>Allows the KMS itself, by its measurements, and denies everybody else.</summary>
    private void AllowTheKmsBut(string reason)
    {
        var ours = _webhook.Questions[0].Body.GetProperty("mrAggregated").GetString();
        _webhook.Answer = (_, body) => body.GetProperty("mrAggregated").GetString() == ours
            ? Allowed()
            : Task.FromResult((200, $"{{\"isAllowed\":false,\"gatewayAppId\":\"\",\"reason\":\"{reason}\"}}"));
    }
}
