using System.Buffers.Binary;
using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Broker.Cli.Terminal;
using Broker.Cryptography;

namespace Broker.Cli.Kms;

/// <summary>
/// <c>brokerctl kms app-env-key</c>: the key to which an app's secrets are encrypted. Whoever can answer in the KMS's
/// place could read them, so the key is only printed when something from outside vouches for it: the KMS's signing key,
/// or the CA of its server.
/// </summary>
internal static class AppEnvKeyCommand
{
    private const string NothingVerified =
        "NOT VERIFIED  nothing vouches for this key: neither --ca nor --k256-pubkey was given";

    public static Command Create()
    {
        var command = new Command("app-env-key", "Print an app's env encryption key once its signature is verified");
        var target = new KmsTarget(command);
        var app = new Argument<string>("APP_ID") { Description = "20 bytes in hex" };
        var trusted = new Option<string?>("--k256-pubkey")
        {
            Description = "The KMS key to trust, compressed hex, from somewhere else than the KMS itself; or use --ca",
        };
        var insecure = new Option<bool>("--insecure")
        {
            Description = "Print a key that nothing vouches for; the output says so",
        };
        command.Arguments.Add(app);
        command.Options.Add(trusted);
        command.Options.Add(insecure);
        command.SetAction(async (parsed, stop) =>
        {
            var appId = ReadAppId(parsed.GetRequiredValue(app));
            var signer = parsed.GetValue(trusted) is { } given ? WithoutPrefix(given) : null;
            var isVouchedFor = signer is not null || target.KnowsServer(parsed);
            if (!isVouchedFor && !parsed.GetValue(insecure))
            {
                throw new CommandFailedException(
                    "app-env-key needs a key or a CA to trust: --k256-pubkey or --ca; --insecure prints it unverified",
                    ExitCode.Misuse);
            }

            using var kms = target.Connect(parsed);
            var answer = await kms.CallAsync(
                "KMS.GetAppEnvEncryptPubKey", new JsonObject { ["app_id"] = Convert.ToHexStringLower(appId) }, stop);
            await RequireSignerAsync(kms, appId, answer, signer, stop);
            var output = parsed.InvocationConfiguration.Output;
            await output.WriteLineAsync(answer["public_key"]?.ToString());
            if (!isVouchedFor) await output.WriteLineAsync(NothingVerified);
            return ExitCode.Ok;
        });
        return command;
    }

    /// <param name="expected">Null takes what the KMS says of itself: right as far as its server is known.</param>
    private static async Task RequireSignerAsync(
        KmsConnection kms, byte[] appId, JsonObject answer, string? expected, CancellationToken stop)
    {
        expected ??= (await kms.CallAsync("KMS.GetMeta", [], stop))["k256_pubkey"]?.ToString();
        var signer = SignerOf(appId, answer);
        if (!string.Equals(signer, expected, StringComparison.OrdinalIgnoreCase))
            throw new CommandFailedException($"the key is signed by {signer}, not by {expected}");
    }

    private static byte[] ReadAppId(string text)
    {
        try
        {
            var bytes = Convert.FromHexString(WithoutPrefix(text));
            return bytes.Length == 20 ? bytes : throw new FormatException();
        }
        catch (FormatException malformed)
        {
            throw new CommandFailedException("APP_ID: 20 bytes in hex", ExitCode.Misuse, malformed);
        }
    }

    private static string WithoutPrefix(string hex) =>
        hex.StartsWith("0x", StringComparison.Ordinal) ? hex[2..] : hex;

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
}
