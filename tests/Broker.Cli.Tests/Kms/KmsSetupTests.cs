using System.Text;
using Broker.Cryptography;

namespace Broker.Cli.Tests.Kms;

/// <summary>The operator's commands against something that answers as a KMS does.</summary>
public sealed class KmsSetupTests : IDisposable
{
    private readonly Secp256k1PrivateKey _key = Secp256k1PrivateKey.Generate();
    private readonly KmsPeer _kms = new();

    [Fact]
    public async Task Bootstrap_prints_what_has_to_be_kept()
    {
        _kms.Answer("Onboard.Bootstrap", 200,
            "{\"ca_pubkey\":\"3059\",\"k256_pubkey\":\"03ab\",\"attestation\":\"00\"}");

        var (exitCode, output, error) = await RunAsync("bootstrap", "kms.example.test");

        exitCode.ShouldBe(0, error);
        output.ShouldContain("key_provider_id  3059");
        error.ShouldContain("'brokerctl kms finish' starts the KMS");
        _kms.Asked.ShouldBe(["/prpc/Onboard.Bootstrap {\"domain\":\"kms.example.test\"}"]);
    }

    [Fact]
    public async Task Onboard_and_finish_wait_until_the_kms_serves()
    {
        _kms.Answer("Onboard.Onboard", 200, "{}");
        _kms.Answer("KMS.GetMeta", 200, "{\"k256_pubkey\":\"03ab\"}");

        var (exitCode, output, error) = await RunAsync(
            "onboard", "kms.example.test", "--source", "https://10.0.2.2:8000/prpc", "--finish");

        exitCode.ShouldBe(0, error);
        output.ShouldContain("onboarded");
        error.ShouldContain("the KMS serves");
        _kms.Asked[0].ShouldContain("\"source_url\":\"https://10.0.2.2:8000/prpc\"");
        _kms.Asked.ShouldContain("/finish ");
    }

    [Fact]
    public async Task A_refusal_ends_the_command_with_the_kms_own_words()
    {
        _kms.Answer("Onboard.Bootstrap", 400,
            "{\n  \"error\": \"KMS is not allowed to bootstrap: boot denied: no\"\n}");

        var (exitCode, _, error) = await RunAsync("bootstrap", "kms.example.test");

        exitCode.ShouldBe(1);
        error.ShouldEndWith("brokerctl: KMS is not allowed to bootstrap: boot denied: no\n");
    }

    /// <summary>RFC 8259 §8.1: JSON between systems is UTF-8. A header that says otherwise changes nothing.</summary>
    [Theory]
    [InlineData("application/json; charset=no-such-charset", "utf-8", 0)]
    [InlineData("application/json; charset=iso-8859-1", "utf-8", 0)]
    [InlineData("application/json; charset=utf-16", "utf-16", 1)]
    [InlineData("application/json", "iso-8859-1", 1)]
    public async Task An_answer_is_utf_8_whatever_its_header_says(string contentType, string encoding, int expected)
    {
        _kms.Answer("Onboard.Bootstrap", 200,
            "{\"ca_pubkey\":\"3059\",\"k256_pubkey\":\"03ab\",\"attestation\":\"00\",\"note\":\"é\"}",
            contentType, Encoding.GetEncoding(encoding));

        var (exitCode, _, error) = await RunAsync("bootstrap", "kms.example.test");

        exitCode.ShouldBe(expected, error);
        if (expected == 1) error.ShouldContain("an answer that is not a KMS's");
    }

    [Fact]
    public async Task Status_tells_the_phases_apart()
    {
        _kms.Answer("Onboard.GetAttestationInfo", 200, "{\"mr_aggregated\":\"aa\",\"site_name\":\"here\"}");
        (await RunAsync("status")).Output.ShouldContain("phase          onboarding");

        _kms.Answer("state", 200, "{\"keys_stored\":false}");
        (await RunAsync("status")).Output.ShouldContain("phase          onboarding: no keys yet");
        _kms.Answer("state", 200, "{\"keys_stored\":true,\"ca_pubkey\":\"3059\",\"k256_pubkey\":\"03ab\"}");
        var stored = (await RunAsync("status")).Output;
        stored.ShouldContain("phase          onboarding: keys stored, not finished");
        stored.ShouldContain("key_provider   3059");
        stored.ShouldContain("next           'brokerctl kms finish' starts the KMS");

        _kms.Forget("state");
        _kms.Forget("Onboard.GetAttestationInfo");
        _kms.Answer("KMS.GetMeta", 200, "{\"k256_pubkey\":\"03ab\",\"is_dev\":true}");
        var (_, output, _) = await RunAsync("status");
        output.ShouldContain("phase          running");
        output.ShouldContain("everybody is allowed");
    }

    [Fact]
    public async Task Status_shows_the_image_and_what_is_wrong_with_the_machine()
    {
        _kms.Answer("state", 200, "{\"keys_stored\":false}");
        _kms.Answer("Onboard.GetAttestationInfo", 200, "{\"mr_aggregated\":\"aa\",\"os_image_hash\":\"bb\"}");
        (await RunAsync("status")).Output.ShouldContain("os_image_hash  bb");
        _kms.Answer("Onboard.GetAttestationInfo", 200, "{\"mr_aggregated\":\"aa\",\"os_image_hash\":\"\"}");
        (await RunAsync("status")).Output.ShouldContain("os_image_hash  not known");

        _kms.Answer("Onboard.GetAttestationInfo", 400,
            "{\"error\":\"Failed to get attestation: guest agent at unix:/a: no guest agent socket at /a\"}");

        var (exitCode, output, _) = await RunAsync("status");

        exitCode.ShouldBe(0);
        output.ShouldContain("phase          onboarding: no keys yet");
        output.ShouldContain("no guest agent socket at /a");
    }

    [Fact]
    public async Task Version_prints_what_the_kms_says()
    {
        var (exitCode, output, error) = await RunAsync("version");

        exitCode.ShouldBe(0, error);
        output.Trim().ShouldBe("v9.9.9 (git:0123456789abcdef0123)");
    }

    [Fact]
    public async Task An_env_key_is_not_printed_when_nothing_vouches_for_it()
    {
        _kms.Answer("KMS.GetAppEnvEncryptPubKey", 200, SignedEnvKey());
        _kms.Answer("KMS.GetMeta", 200, $"{{\"k256_pubkey\":\"{_key.PublicKey}\"}}");

        var (exitCode, output, error) = await RunAsync("app-env-key", new string('1', 40));

        exitCode.ShouldBe(2);
        output.ShouldBeEmpty();
        error.ShouldContain("--k256-pubkey or --ca");
        _kms.Asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_unverified_env_key_says_so_in_the_output()
    {
        _kms.Answer("KMS.GetAppEnvEncryptPubKey", 200, SignedEnvKey());
        _kms.Answer("KMS.GetMeta", 200, $"{{\"k256_pubkey\":\"{_key.PublicKey}\"}}");

        var (exitCode, output, error) = await RunAsync("app-env-key", new string('1', 40), "--insecure");

        exitCode.ShouldBe(0, error);
        output.ShouldStartWith(new string('7', 64));
        output.ShouldContain("NOT VERIFIED");
    }

    [Fact]
    public async Task A_ca_vouches_for_nobody_over_plain_http()
    {
        _kms.Answer("KMS.GetAppEnvEncryptPubKey", 200, SignedEnvKey());

        var (exitCode, output, error) = await RunAsync("app-env-key", new string('1', 40), "--ca", "/no/such/ca.pem");

        exitCode.ShouldBe(2);
        output.ShouldBeEmpty();
        error.ShouldContain("not an https address");
    }

    [Theory]
    [InlineData("Onboard.Bootstrap", "\"k256_pubkey\":\"03\"", "bootstrap", "kms.example.test")]
    [InlineData("Onboard.Onboard", "", "onboard", "kms.example.test", "--source", "https://10.0.2.2:8000/prpc")]
    [InlineData("Onboard.GetAttestationInfo", "\"mr_aggregated\":\"aa\"", "status")]
    [InlineData("state", "\"keys_stored\":true", "status")]
    [InlineData("KMS.GetMeta", "\"k256_pubkey\":\"03\"", "status")]
    [InlineData("KMS.GetMeta", "\"k256_pubkey\":\"03\"", "meta")]
    [InlineData("KMS.GetAppEnvEncryptPubKey", "SIGNED", "app-env-key", "1111111111111111111111111111111111111111")]
    public async Task An_answer_that_says_a_name_twice_is_refused(
        string method, string members, params string[] arguments)
    {
        if (members == "SIGNED")
        {
            members = SignedEnvKey().Trim('{', '}');
            arguments = [.. arguments, "--k256-pubkey", $"0x{_key.PublicKey}"];
        }

        foreach (var twice in (string[])["\"ca_pubkey\":\"01\",\"ca_pubkey\":\"01\"", "\"x\":{\"y\":1,\"\\u0079\":2}"])
        {
            var separator = members.Length > 0 ? "," : "";
            _kms.Answer(method, 200, $"{{{members}{separator}{twice}}}");

            var (exitCode, output, error) = await RunAsync(arguments);

            exitCode.ShouldBe(1, output);
            output.ShouldBeEmpty();
            error.ShouldContain("an answer that is not a KMS's");
        }
    }

    [Fact]
    public async Task An_env_key_is_printed_once_its_signature_is_verified()
    {
        _kms.Answer("KMS.GetAppEnvEncryptPubKey", 200, SignedEnvKey());
        _kms.Answer("KMS.GetMeta", 200, $"{{\"k256_pubkey\":\"{_key.PublicKey}\"}}");

        var (exitCode, output, error) = await RunAsync(
            "app-env-key", new string('1', 40), "--k256-pubkey", $"0x{_key.PublicKey}");

        exitCode.ShouldBe(0, error);
        output.Trim().ShouldBe(new string('7', 64));
    }

    [Fact]
    public async Task An_env_key_that_somebody_else_signed_is_not_printed()
    {
        _kms.Answer("KMS.GetAppEnvEncryptPubKey", 200, SignedEnvKey());

        var (exitCode, output, error) = await RunAsync("app-env-key", new string('1', 40), "--k256-pubkey", "03ab");

        exitCode.ShouldBe(1);
        output.ShouldBeEmpty();
        error.ShouldContain("not by 03ab");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"public_key\":\"77\",\"timestamp\":\"x\",\"signature_v1\":\"00\"}")]
    [InlineData("{\"public_key\":\"77\",\"timestamp\":1,\"signature_v1\":\"00\"}")]
    public async Task An_answer_without_a_signature_is_not_believed(string answer)
    {
        _kms.Answer("KMS.GetAppEnvEncryptPubKey", 200, answer);

        (await RunAsync("app-env-key", new string('1', 40), "--k256-pubkey", "03ab")).ExitCode.ShouldBe(1);
    }

    [Theory]
    [InlineData("app-env-key", "xyz")]
    [InlineData("app-env-key", "00")]
    [InlineData("bootstrap")]
    public async Task Misuse_is_told_apart(params string[] arguments) =>
        (await RunAsync(arguments)).ExitCode.ShouldBe(2);

    public void Dispose()
    {
        _kms.Dispose();
        _key.Dispose();
    }

    private Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments) =>
        KmsCommandLine.RunAsync([.. arguments, "--url", _kms.Url + "/prpc/"]);

    private string SignedEnvKey()
    {
        var publicKey = Enumerable.Repeat((byte)0x77, 32).ToArray();
        byte[] signed =
        [
            .. "dstack-env-encrypt-pubkey:"u8, .. Enumerable.Repeat((byte)0x11, 20),
            0, 0, 0, 0, 0x65, 0x53, 0xf1, 0, .. publicKey,
        ];
        return $"{{\"public_key\":\"{Convert.ToHexStringLower(publicKey)}\",\"timestamp\":1700000000,"
            + $"\"signature_v1\":\"{Convert.ToHexStringLower(_key.SignRecoverable(Keccak256.HashData(signed)))}\"}}";
    }
}
