using System.Buffers.Text;
using System.Globalization;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Broker.Cryptography;
using static Broker.Benchmarks.Arguments;

namespace Broker.Benchmarks.Load;

/// <summary>
/// <c>sign-in --broker URL [--wallets 1000] [--session-key FILE]</c>: signs in to a running broker with new wallets,
/// through its own routes, and prints their session tokens, a line each. Each of them is another actor.
/// </summary>
/// <remarks>
/// A hundred thousand sign-ins take minutes, since each is on disk three times. With the broker's session key only the
/// first wallet signs in. The other tokens are that one with another wallet and actor, signed anew: the broker verifies
/// them as it verifies its own, but neither its ledger nor its table of wallets has seen them before their first mint.
/// </remarks>
internal static class SignIn
{
    private const int AtOnce = 64;

    public static async Task<int> RunAsync(string[] arguments)
    {
        var broker = Option(arguments, "--broker") ?? throw new ArgumentException("--broker URL is missing");
        var wallets = int.Parse(Option(arguments, "--wallets") ?? "1000", CultureInfo.InvariantCulture);
        var tokens = new string[wallets];
        using var client = new HttpClient { BaseAddress = new Uri(broker) };
        if (Option(arguments, "--session-key") is { } keyFile)
        {
            tokens[0] = await SignInAsync(client, CancellationToken.None);
            using var key = ReadKey(keyFile);
            for (var n = 1; n < wallets; n++) tokens[n] = Reissue(tokens[0], key);
        }
        else
        {
            await Parallel.ForAsync(
                0, wallets, new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
                async (n, stop) => tokens[n] = await SignInAsync(client, stop));
        }

        foreach (var token in tokens) Console.WriteLine(token);
        return 0;
    }

    private static async Task<string> SignInAsync(HttpClient client, CancellationToken stop)
    {
        using var key = Secp256k1PrivateKey.Generate();
        var challenge = await PostAsync(
            client, "/v1/auth/wallet/start",
            new JsonObject { ["address"] = key.PublicKey.Address.ToChecksummedString(), ["chain_id"] = 1 }, stop);
        var message = challenge["siwe_message"]!.GetValue<string>();
        var signature = key.SignRecoverable(PersonalMessage.Hash(message));
        signature[64] += 27; // as wallets write it
        var session = await PostAsync(
            client, "/v1/auth/wallet/verify",
            new JsonObject
            {
                ["request_id"] = challenge["request_id"]!.GetValue<string>(),
                ["signature"] = $"0x{Convert.ToHexStringLower(signature)}",
            },
            stop);
        return session["session_jwt"]!.GetValue<string>();
    }

    private static ECDsa ReadKey(string path)
    {
        var key = ECDsa.Create();
        key.ImportFromPem(JsonNode.Parse(File.ReadAllText(path))!["private_key_pem"]!.GetValue<string>());
        return key;
    }

    /// <summary>The same claims about a wallet, an actor and a record that are random.</summary>
    private static string Reissue(string token, ECDsa key)
    {
        var parts = token.Split('.');
        var claims = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[1]));
        var parsed = JsonNode.Parse(claims)!;
        var (identity, id) = (parsed["agentkeys"]!, parsed["jti"]!.GetValue<string>());
        claims = claims
            .Replace(identity["omni_account"]!.GetValue<string>(), RandomNumberGenerator.GetHexString(64, true))
            .Replace(
                identity["wallet_address"]!.GetValue<string>(), $"0x{RandomNumberGenerator.GetHexString(40, true)}")
            .Replace(id, id[..^16] + RandomNumberGenerator.GetHexString(16, true));
        var signed = $"{parts[0]}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}";
        var signature = new byte[64];
        Es256.Sign(key, Encoding.ASCII.GetBytes(signed), signature);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    private static async Task<JsonNode> PostAsync(
        HttpClient client, string path, JsonObject body, CancellationToken stop)
    {
        using var answer = await client.PostAsJsonAsync(path, body, stop);
        var text = await answer.Content.ReadAsStringAsync(stop);
        return answer.IsSuccessStatusCode
            ? JsonNode.Parse(text)!
            : throw new InvalidOperationException($"{path}: {(int)answer.StatusCode} {text}");
    }
}
