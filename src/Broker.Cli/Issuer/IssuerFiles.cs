using System.Text;
using System.Text.Json;
using Broker.Attestation.Issuers;
using Broker.Cli.Client;
using Broker.Cli.Quotes;
using Broker.Cli.Terminal;
using Broker.Foundation;

namespace Broker.Cli.Issuer;

/// <summary>What an issuer publishes of itself, byte for byte as it was answered.</summary>
/// <param name="Checkpoint">Empty where there is none.</param>
/// <param name="Nonce">What the evidence was asked for with, in hex; null where that was nothing.</param>
internal sealed record IssuerFiles(byte[] Discovery, byte[] Jwks, byte[] Evidence, byte[] Checkpoint, string? Nonce)
{
    private const string DiscoveryName = "discovery.json";
    private const string JwksName = "jwks.json";
    private const string EvidenceName = "evidence.json";
    private const string CheckpointName = "checkpoint.txt";
    private const string NonceName = "nonce.txt";
    private const int Most = IssuerEvidenceDocument.MaxLength;

    /// <summary>
    /// Fetches all of it. Keys come from where discovery says, as relying parties fetch them; the ledger is at the root
    /// of the host.
    /// </summary>
    /// <exception cref="CommandFailedException">The issuer does not answer, or has no evidence.</exception>
    public static async Task<IssuerFiles> FetchAsync(Uri address, string? nonce, CancellationToken stop)
    {
        using var issuer = BrokerConnection.To(address);
        using var host = BrokerConnection.To(new Uri(address, "/"));
        var discovery = await issuer.GetBytesAsync(".well-known/openid-configuration", stop);
        var evidence = await issuer.GetBytesAsync(
            $".well-known/issuer-attestation{(nonce is null ? "" : $"?nonce={nonce}")}", stop);
        var jwks = await host.GetBytesAsync(host.PathOf(KeysOf(discovery)), stop);
        return new IssuerFiles(discovery, jwks, evidence, await FetchCheckpointAsync(host, stop), nonce);
    }

    /// <summary>Empty while the ledger has no entry.</summary>
    private static async Task<byte[]> FetchCheckpointAsync(BrokerConnection host, CancellationToken stop)
    {
        try
        {
            return await host.GetBytesAsync("ledger/checkpoint", stop);
        }
        catch (BrokerRefusedException none) when (none.Status == 404)
        {
            return [];
        }
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <param name="nonce">To be demanded in place of the one that was kept; null keeps that.</param>
    public static IssuerFiles Load(string folder, string? nonce)
    {
        byte[] Read(string name) => InputFile.ReadBytes(Path.Combine(folder, name), Most);
        var kept = Path.Combine(folder, NonceName);
        nonce ??= File.Exists(kept) ? Encoding.ASCII.GetString(InputFile.ReadBytes(kept, 1024)).Trim() : null;
        return new IssuerFiles(Read(DiscoveryName), Read(JwksName), Read(EvidenceName), Read(CheckpointName), nonce);
    }

    /// <summary>
    /// Writes all of it into a folder, made when it is not there; what an earlier call wrote is replaced.
    /// </summary>
    public void Save(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            File.WriteAllBytes(Path.Combine(folder, DiscoveryName), Discovery);
            File.WriteAllBytes(Path.Combine(folder, JwksName), Jwks);
            File.WriteAllBytes(Path.Combine(folder, EvidenceName), Evidence);
            File.WriteAllBytes(Path.Combine(folder, CheckpointName), Checkpoint);
            if (Nonce is null) File.Delete(Path.Combine(folder, NonceName));
            else File.WriteAllText(Path.Combine(folder, NonceName), Nonce + "\n");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException($"--save: {fault.Message}", cause: fault);
        }
    }

    private static Uri KeysOf(byte[] discovery)
    {
        try
        {
            using var document = StrictJson.Parse(discovery);
            if (document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("jwks_uri", out var uri) && uri.ValueKind == JsonValueKind.String
                && Uri.TryCreate(uri.GetString(), UriKind.Absolute, out var keys))
                return keys;
        }
        catch (JsonException)
        {
        }

        throw new CommandFailedException("the discovery document names no jwks_uri");
    }
}
