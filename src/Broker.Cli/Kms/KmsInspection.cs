using System.Buffers.Binary;
using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Broker.Cryptography;

namespace Broker.Cli.Kms;

/// <summary>Looking at a KMS from outside.</summary>
internal static class KmsInspection
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static Command CreateStatus()
    {
        var command = new Command("status", "Say in which phase a KMS is, and what an operator needs next");
        var target = new KmsTarget(command);
        command.SetAction(async (parsed, stop) =>
        {
            using var kms = target.Connect(parsed);
            var output = parsed.InvocationConfiguration.Output;
            if (await kms.TryCallAsync("Onboard.GetAttestationInfo", stop) is { } machine)
            {
                await output.WriteLineAsync("phase          onboarding: no keys in use yet");
                await WriteAsync(output, "site", machine["site_name"]);
                await WriteAsync(output, "mr_aggregated", machine["mr_aggregated"]);
                await WriteAsync(output, "device_id", machine["device_id"]);
                await WriteAsync(output, "os_image_hash", machine["os_image_hash"]);
                await output.WriteLineAsync("next           allow these, then 'brokerctl kms bootstrap' or 'onboard'");
                return ExitCode.Ok;
            }

            var meta = await kms.CallAsync("KMS.GetMeta", [], stop);
            await output.WriteLineAsync("phase          running");
            await WriteAsync(output, "k256_pubkey", meta["k256_pubkey"]);
            await WriteAsync(output, "key_provider", meta["bootstrap_info"]?["ca_pubkey"]);
            await WriteAsync(output, "gateway", meta["gateway_app_id"]);
            if (meta["is_dev"]?.GetValue<bool>() == true)
                await output.WriteLineAsync("policy         dev: everybody is allowed");
            return ExitCode.Ok;
        });
        return command;
    }

    public static Command CreateMeta()
    {
        var command = new Command("meta", "Print what GetMeta answers, as JSON");
        var target = new KmsTarget(command);
        command.SetAction(async (parsed, stop) =>
        {
            using var kms = target.Connect(parsed);
            var meta = await kms.CallAsync("KMS.GetMeta", [], stop);
            await parsed.InvocationConfiguration.Output.WriteLineAsync(meta.ToJsonString(Indented));
            return ExitCode.Ok;
        });
        return command;
    }

    public static Command CreateAppEnvKey()
    {
        var command = new Command("app-env-key", "Print an app's env encryption key once its signature is verified");
        var target = new KmsTarget(command);
        var app = new Argument<string>("APP_ID") { Description = "20 bytes in hex" };
        var trusted = new Option<string?>("--k256-pubkey")
        {
            Description = "The KMS key to trust, compressed hex; default: what the KMS itself says",
        };
        command.Arguments.Add(app);
        command.Options.Add(trusted);
        command.SetAction(async (parsed, stop) =>
        {
            using var kms = target.Connect(parsed);
            var appId = ReadAppId(parsed.GetRequiredValue(app));
            var answer = await kms.CallAsync(
                "KMS.GetAppEnvEncryptPubKey", new JsonObject { ["app_id"] = Convert.ToHexStringLower(appId) }, stop);
            var expected = parsed.GetValue(trusted)
                ?? (await kms.CallAsync("KMS.GetMeta", [], stop))["k256_pubkey"]?.ToString();
            var signer = SignerOf(appId, answer);
            if (!string.Equals(signer, expected, StringComparison.OrdinalIgnoreCase))
                throw new CommandFailedException($"the key is signed by {signer}, not by {expected}");
            await parsed.InvocationConfiguration.Output.WriteLineAsync(answer["public_key"]?.ToString());
            return ExitCode.Ok;
        });
        return command;
    }

    private static byte[] ReadAppId(string text)
    {
        try
        {
            var bytes = Convert.FromHexString(text.StartsWith("0x", StringComparison.Ordinal) ? text[2..] : text);
            return bytes.Length == 20 ? bytes : throw new FormatException();
        }
        catch (FormatException malformed)
        {
            throw new CommandFailedException("APP_ID: 20 bytes in hex", ExitCode.Misuse, malformed);
        }
    }

    /// <summary>Whose key signed the public key together with its time (kms-protocol §4.3).</summary>
    private static string SignerOf(byte[] appId, JsonObject answer)
    {
        try
        {
            var publicKey = Convert.FromHexString(answer["public_key"]!.ToString());
            var time = new byte[8];
            BinaryPrimitives.WriteUInt64BigEndian(
                time, ulong.Parse(answer["timestamp"]!.ToString(), CultureInfo.InvariantCulture));
            byte[] signed = [.. "dstack-env-encrypt-pubkey:"u8, .. appId, .. time, .. publicKey];
            var outcome = Secp256k1.RecoverPublicKey(
                Keccak256.HashData(signed), Convert.FromHexString(answer["signature_v1"]!.ToString()), out var signer);
            return signer?.ToString() ?? throw new CommandFailedException($"the key's signature: {outcome.Describe()}");
        }
        catch (Exception malformed) when (malformed is FormatException or NullReferenceException or OverflowException)
        {
            throw new CommandFailedException(
                "the KMS's answer lacks a public key with its signature", cause: malformed);
        }
    }

    private static async Task WriteAsync(TextWriter output, string name, JsonNode? value)
    {
        if (value?.ToString() is { Length: > 0 } text) await output.WriteLineAsync($"{name,-14} {text}");
    }
}
