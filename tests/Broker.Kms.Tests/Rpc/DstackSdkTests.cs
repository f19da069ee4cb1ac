using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Broker.Cryptography;
using Broker.Kms.Tests.Rig;

namespace Broker.Kms.Tests.Rpc;

/// <summary>dstack's own SDK (npm <c>@phala/dstack-sdk</c>) as the judge of our answers.</summary>
public sealed class DstackSdkTests
{
    private const string Variables = """[{"key":"DATABASE_URL","value":"postgres://ü"},{"key":"EMPTY","value":""}]""";

    [Fact]
    public async Task The_sdk_verifies_the_env_key_and_its_ciphertext_opens_with_the_derived_key()
    {
        using var datacentre = new Datacentre();
        await using var webhook = await Webhook.StartAsync();
        await using var kms = await KmsNode.StartRunningAsync(datacentre, webhook);
        var guest = new Guest(datacentre.NewMachine(), "app");
        using var client = await KmsClient.AttestedAsync(kms.Address, guest);
        var appId = Convert.ToHexStringLower(guest.AppId);
        var answer = await client.AnswerAsync("GetAppEnvEncryptPubKey", $"{{\"app_id\":\"{appId}\"}}");
        var meta = await client.AnswerAsync("GetMeta", "{}");
        var keys = await client.AnswerAsync("GetAppKey", "{}");

        var judged = await NodeScript.RunAsync(
            "dstack-sdk", "judge.mjs", $"{{\"app_id\":\"{appId}\",\"answer\":{answer},\"env\":{Variables}}}");

        var expected = "0x" + meta.GetProperty("k256_pubkey").GetString();
        judged.GetProperty("signer").GetString().ShouldBe(expected);
        judged.GetProperty("legacy_signer").GetString().ShouldBe(expected);
        var opened = Decrypt(
            Convert.FromHexString(keys.GetProperty("env_crypt_key").GetString()!),
            Convert.FromHexString(judged.GetProperty("encrypted").GetString()!));
        using var variables = JsonDocument.Parse(opened);
        using var sent = JsonDocument.Parse(Variables);
        JsonElement.DeepEquals(variables.RootElement.GetProperty("env"), sent.RootElement).ShouldBeTrue();
    }

    /// <summary>The published sample (kms-protocol §11.4) keeps our reading of the format honest.</summary>
    [Fact]
    public void The_published_ciphertext_opens()
    {
        var key = Convert.FromHexString("7c282bf94b35dc47801dc953bfa0896fc2bd313381d3e8eca4e42f6536d2a96f");
        var blob = Convert.FromHexString(
            "0bd18749612f4c8b9dd583c7d6a646b90abd34e3c731a7708d0caf9039095641e1f0948e775f0b7351788db7f246d518069546"
            + "26dcccb6a60d64665ca3715c6bef75616cab476d27bba04080361200d6a58cec");

        Encoding.UTF8.GetString(Decrypt(key, blob)).ShouldBe("""[{"key":"","value":""}]""");
    }

    /// <summary>
    /// As a guest does it: X25519, the shared secret as the AES-256-GCM key, <c>public ‖ nonce ‖ ciphertext ‖ tag</c>.
    /// </summary>
    private static byte[] Decrypt(byte[] privateKey, byte[] blob)
    {
        var shared = new byte[X25519.KeySize];
        X25519.TryAgree(privateKey, blob.AsSpan(0, 32), shared).ShouldBeTrue();
        var plain = new byte[blob.Length - 32 - 12 - 16];
        using var cipher = new AesGcm(shared, 16);
        cipher.Decrypt(blob.AsSpan(32, 12), blob.AsSpan(44, plain.Length), blob.AsSpan(44 + plain.Length), plain);
        return plain;
    }
}
