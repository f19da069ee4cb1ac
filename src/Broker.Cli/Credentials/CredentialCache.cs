using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Broker.Cli.Client;
using Broker.Cli.Sessions;
using Broker.Cli.Terminal;
using Broker.Foundation;

namespace Broker.Cli.Credentials;

/// <summary>
/// Credentials that the AWS command line gets at each of its commands, kept for one session, role and lifetime in a
/// file of mode 0600, until AWS's clients would take them for ended. Commands that come together wait for one mint.
/// </summary>
internal sealed class CredentialCache(TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <param name="token">The session's: another session has another file.</param>
    public async Task<RoleCredentials> GetAsync(
        Uri broker, string token, CredentialWish wish, Func<Task<RoleCredentials>> mint, CancellationToken stop)
    {
        var name = NameOf(broker, token, wish);
        if (Find(name) is { } kept) return kept;
        using var alone = await LockAsync(name, stop);
        if (Find(name) is { } minted) return minted;
        var fresh = await mint();
        StateFolder.Write(name, JsonSerializer.Serialize(
            new KeptCredentials(fresh.Given, fresh.Region, fresh.Wallet, time.GetUtcNow().ToUnixTimeSeconds()),
            KeptJson.Default.KeptCredentials));
        return fresh;
    }

    /// <summary>Forgets all that is kept.</summary>
    public static void ForgetAll()
    {
        if (!Directory.Exists(StateFolder.Path)) return;
        foreach (var path in Directory.EnumerateFiles(StateFolder.Path, "credentials-*"))
            StateFolder.Delete(Path.GetFileName(path));
    }

    private RoleCredentials? Find(string name)
    {
        if (StateFolder.Read(name) is not { } text) return null;
        try
        {
            var kept = StrictJson.Deserialize(Encoding.UTF8.GetBytes(text), KeptJson.Default.KeptCredentials);
            var minted = DateTimeOffset.FromUnixTimeSeconds(kept.MintedAt);
            return time.GetUtcNow() < UsefulLife.EndOf(minted, kept.Given.ExpiresAt)
                ? new RoleCredentials(kept.Given, kept.Region, kept.Wallet)
                : null;
        }
        catch (JsonException)
        {
            return null; // not ours, or cut short: a mint replaces it
        }
    }

    /// <summary>Held until it is disposed; the file is empty and stays.</summary>
    private static async Task<FileStream> LockAsync(string name, CancellationToken stop)
    {
        Directory.CreateDirectory(StateFolder.Path, DurableFile.OwnerOnlyFolder);
        var path = Path.Combine(StateFolder.Path, "credentials.lock");
        for (var until = DateTimeOffset.UtcNow + Patience; ;)
        {
            try
            {
                return new FileStream(path, new FileStreamOptions
                {
                    Mode = FileMode.OpenOrCreate,
                    Access = FileAccess.ReadWrite,
                    Share = FileShare.None,
                    UnixCreateMode = DurableFile.OwnerOnly,
                });
            }
            catch (IOException) when (DateTimeOffset.UtcNow < until)
            {
                await Task.Delay(20, stop);
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                throw new CommandFailedException($"cannot lock {path} for {name}: {fault.Message}", cause: fault);
            }
        }
    }

    /// <summary>Lengths first, so that no two wishes have one name.</summary>
    private static string NameOf(Uri broker, string token, CredentialWish wish)
    {
        var text = string.Concat(((string?[])
            [broker.AbsoluteUri, token, wish.Role, $"{wish.LifetimeSeconds}", wish.Reason, wish.Region])
            .Select(part => $"{part?.Length ?? -1}:{part};"));
        return $"credentials-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..32]}.json";
    }
}

/// <param name="MintedAt">Unix seconds.</param>
internal sealed record KeptCredentials(
    [property: JsonPropertyName("credentials")] AwsCredentials Given,
    [property: JsonPropertyName("region")] string Region,
    [property: JsonPropertyName("wallet")] string Wallet,
    [property: JsonPropertyName("minted_at")] long MintedAt);

[JsonSerializable(typeof(KeptCredentials))]
[JsonSourceGenerationOptions(RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
internal sealed partial class KeptJson : JsonSerializerContext;
