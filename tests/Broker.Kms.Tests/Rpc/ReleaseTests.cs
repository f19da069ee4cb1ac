using System.Text.Json;
using Broker.Attestation.Apps;
using Broker.Cryptography;
using Broker.Kms.Certificates;
using Broker.Kms.Keys;
using Broker.Kms.Tests.Rig;

namespace Broker.Kms.Tests.Rpc;

/// <summary>What an attested, authorised caller gets from a running KMS, and what the ledger then holds.</summary>
public sealed class ReleaseTests : IAsyncLifetime
{
    private readonly Datacentre _datacentre = new();
    private Webhook _webhook = null!;
    private KmsNode _kms = null!;

    public async Task InitializeAsync()
    {
        _webhook = await Webhook.StartAsync();
        _kms = await KmsNode.StartRunningAsync(_datacentre, _webhook);
    }

    [Fact]
    public async Task An_app_gets_the_keys_of_its_measured_identity()
    {
        var guest = new Guest(_datacentre.NewMachine(), "app");
        using var client = await KmsClient.AttestedAsync(_kms.Address, guest);

        var answer = await client.AnswerAsync("GetAppKey", "{\"api_version\":1,\"vm_config\":\"\"}");

        var roots = KmsIdentity.Load(_kms.Keys).Roots;
        AppId.TryFrom(guest.AppId, out var app).ShouldBeTrue();
        Bytes(answer, "disk_crypt_key").ShouldBe(AppKeyDerivation.DiskCryptKey(roots, app, new InstanceId(guest.InstanceId)));
        Bytes(answer, "env_crypt_key").ShouldBe(AppKeyDerivation.EnvCryptKey(roots, app));
        Bytes(answer, "k256_key").ShouldBe(AppKeyDerivation.K256Key(roots, app));
        Bytes(answer, "os_image_hash").ShouldBe(guest.OsImageHash);
        answer.GetProperty("gateway_app_id").GetString().ShouldBe("0xgateway");
        answer.GetProperty("tproxy_app_id").GetString().ShouldBe("0xgateway");
        answer.GetProperty("ca_cert").GetString().ShouldBe(_kms.Keys.ReadText("root-ca.crt"));

        RootKeys.ReadK256(Bytes(answer, "k256_key")).PublicKey.ToCompressed().ShouldSatisfyAllConditions(key =>
        {
            byte[] signed = [.. "dstack-kms-issued:"u8, .. guest.AppId, .. key];
            Secp256k1.RecoverPublicKey(Keccak256.HashData(signed), Bytes(answer, "k256_signature"), out var signer)
                .ShouldBe(RecoveryOutcome.Recovered);
            signer!.ToCompressed().ShouldBe(roots.K256PublicKey);
        });
    }

    [Fact]
    public async Task The_release_is_on_record_with_who_and_what()
    {
        var guest = new Guest(_datacentre.NewMachine(), "app");
        using var client = await KmsClient.AttestedAsync(_kms.Address, guest);
        await client.AnswerAsync("GetAppKey", "{}");

        var entry = _kms.Entries()[^1];
        entry.Kind.ShouldBe("kms_app_key");
        entry.Outcome.ShouldBe("ok");
        entry.RequestedRole.ShouldBe("GetAppKey");
        entry.Subject.ShouldBe($"app/{Hex(guest.AppId)}/{Hex(guest.InstanceId)}");
        using var evidence = JsonDocument.Parse(entry.Evidence);
        var asked = _webhook.Questions[^1].Body;
        evidence.RootElement.GetProperty("mr_aggregated").GetString()
            .ShouldBe(asked.GetProperty("mrAggregated").GetString());
        evidence.RootElement.GetProperty("tcb_status").GetString().ShouldBe("UpToDate");
        entry.RequestId.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task The_webhook_is_asked_about_the_kms_first_and_then_about_the_app()
    {
        var guest = new Guest(_datacentre.NewMachine(), "app");
        using var client = await KmsClient.AttestedAsync(_kms.Address, guest);
        _webhook.Questions.Clear();

        await client.AnswerAsync("GetAppKey", "{}");

        _webhook.Questions.Select(question => question.Path).ShouldBe(["/bootAuth/kms", "/bootAuth/app"]);
        var app = _webhook.Questions[1].Body;
        app.EnumerateObject().Select(property => property.Name).ShouldBe(
        [
            "teeVariant", "mrAggregated", "osImageHash", "mrSystem", "appId", "composeHash", "instanceId", "deviceId",
            "keyProviderInfo", "tcbStatus", "advisoryIds",
        ]);
        app.GetProperty("appId").GetString().ShouldBe(Hex(guest.AppId));
        app.GetProperty("osImageHash").GetString().ShouldBe(Hex(guest.OsImageHash));
        app.GetProperty("teeVariant").GetString().ShouldBe("dstack-tdx");
    }

    [Fact]
    public async Task Evidence_is_verified_once_per_connection_and_the_policy_asked_every_time()
    {
        using var client = await KmsClient.AttestedAsync(_kms.Address, new Guest(_datacentre.NewMachine(), "app"));
        await client.AnswerAsync("GetAppKey", "{}");
        var judged = _datacentre.Judged;
        var asked = _webhook.Questions.Count;

        await client.AnswerAsync("GetAppKey", "{}");

        _datacentre.Judged.ShouldBe(judged);
        _webhook.Questions.Count.ShouldBe(asked + 2);
    }

    [Fact]
    public async Task Another_kms_gets_the_roots_in_exactly_one_set()
    {
        using var client = await KmsClient.AttestedAsync(_kms.Address, new Guest(_datacentre.NewMachine(), "kms 2"));

        var answer = await client.AnswerAsync("GetKmsKey", "{\"vm_config\":\"\"}");

        var roots = KmsIdentity.Load(_kms.Keys).Roots;
        var keys = answer.GetProperty("keys").EnumerateArray().Single();
        keys.GetProperty("ca_key").GetString().ShouldBe(roots.Ca.ToPem());
        Bytes(keys, "k256_key").ShouldBe(roots.ExportK256());
        answer.GetProperty("temp_ca_key").GetString().ShouldBe(roots.TempCa.ToPem());
        _kms.Entries()[^1].Kind.ShouldBe("kms_kms_key");
        _kms.Entries()[^1].Subject.ShouldStartWith("kms/");
    }

    [Fact]
    public async Task The_env_key_is_the_same_for_everybody_and_signed_twice()
    {
        using var client = KmsClient.Plain(_kms.Address);
        var appId = new byte[20];
        var answer = await client.AnswerAsync("GetAppEnvEncryptPubKey", $"{{\"app_id\":\"{Hex(appId)}\"}}");
        var meta = await client.AnswerAsync("GetMeta", "{}");

        var key = Bytes(answer, "public_key");
        var time = answer.GetProperty("timestamp").GetUInt64();
        byte[] bigEndian = [.. BitConverter.GetBytes(time).Reverse()];
        SignerOf([.. "dstack-env-encrypt-pubkey:"u8, .. appId, .. key], Bytes(answer, "signature"))
            .ShouldBe(meta.GetProperty("k256_pubkey").GetString());
        SignerOf([.. "dstack-env-encrypt-pubkey:"u8, .. appId, .. bigEndian, .. key], Bytes(answer, "signature_v1"))
            .ShouldBe(meta.GetProperty("k256_pubkey").GetString());
    }

    [Fact]
    public async Task Meta_says_what_the_authority_says()
    {
        using var client = KmsClient.Plain(_kms.Address);

        var meta = await client.AnswerAsync("KMS.KMS.GetMeta", "{}");

        meta.GetProperty("chain_id").GetUInt64().ShouldBe(8453ul);
        meta.GetProperty("kms_contract_address").GetString().ShouldBe("0xcontract");
        meta.GetProperty("app_auth_implementation").GetString().ShouldBe("0ximplementation");
        meta.GetProperty("gateway_app_id").GetString().ShouldBe("0xgateway");
        meta.GetProperty("is_dev").GetBoolean().ShouldBeFalse();
        meta.GetProperty("bootstrap_info").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task The_temp_ca_leaves_with_its_key_and_is_recorded()
    {
        using var client = KmsClient.Plain(_kms.Address);

        var answer = await client.AnswerAsync("GetTempCaCert", "");

        answer.GetProperty("temp_ca_cert").GetString().ShouldBe(_kms.Keys.ReadText("tmp-ca.crt"));
        answer.GetProperty("temp_ca_key").GetString().ShouldBe(_kms.Keys.ReadText("tmp-ca.key"));
        answer.GetProperty("ca_cert").GetString().ShouldBe(_kms.Keys.ReadText("root-ca.crt"));
        _kms.Entries()[^1].Kind.ShouldBe("kms_temp_ca_cert");
    }

    public async Task DisposeAsync()
    {
        await _kms.DisposeAsync();
        await _webhook.DisposeAsync();
        _datacentre.Dispose();
    }

    private static string SignerOf(byte[] signed, byte[] signature)
    {
        Secp256k1.RecoverPublicKey(Keccak256.HashData(signed), signature, out var signer)
            .ShouldBe(RecoveryOutcome.Recovered);
        return signer!.ToString();
    }

    private static byte[] Bytes(JsonElement answer, string name) =>
        Convert.FromHexString(answer.GetProperty(name).GetString()!);

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
