using System.Collections.Concurrent;
using System.Text.Json;
using Broker.LocalCloud.Http;

namespace Broker.LocalCloud.Sts;

/// <summary>
/// The keys that issuers publish: discovery, then JWKS, over the network, kept for a minute, and fetched anew at once
/// when a token names a key that is not among them, so that a rotation is seen without waiting.
/// </summary>
internal sealed class IssuerKeys(HttpClient http, TimeProvider clock)
{
    private const int MaxDocumentBytes = 256 * 1024;
    private const int MaxKeysPerType = 100;
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<string, Fetched> _fetched = new(StringComparer.Ordinal);

    /// <summary>
    /// The key that a token of <paramref name="issuer"/> with this <c>kid</c> is to be verified with.
    /// </summary>
    public async Task<Outcome<VerificationKey>> FindAsync(string issuer, string? keyId, CancellationToken stop)
    {
        if (_fetched.TryGetValue(issuer, out var kept) && clock.GetUtcNow() - kept.At < KeptFor
            && Select(kept.Keys, keyId) is { } known)
            return known;

        var fetched = await FetchAsync(issuer, stop);
        if (fetched.Refusal is { } unreachable) return unreachable;
        _fetched[issuer] = fetched.Value;
        return Select(fetched.Value.Keys, keyId) is { } key
            ? key
            : StsRefusals.InvalidIdentityToken(
                "Couldn't retrieve verification key from your identity provider, please reference "
                + "AssumeRoleWithWebIdentity documentation for requirements");
    }

    /// <summary>By <c>kid</c>, the last of several; a token without one is for an issuer with one key.</summary>
    private static VerificationKey? Select(IReadOnlyList<VerificationKey> keys, string? keyId) =>
        keyId is null ? (keys.Count == 1 ? keys[0] : null) : keys.LastOrDefault(key => key.KeyId == keyId);

    private async Task<Outcome<Fetched>> FetchAsync(string issuer, CancellationToken stop)
    {
        var discovery = await GetAsync($"{issuer}/.well-known/openid-configuration", stop);
        if (discovery.Refusal is { } noDiscovery) return noDiscovery;
        using var configuration = discovery.Value;
        if (Text(configuration, "issuer") != issuer)
            return StsRefusals.IdpCommunication($"the discovery document of {issuer} names another issuer");
        if (Text(configuration, "jwks_uri") is not { } jwksAddress)
            return StsRefusals.IdpCommunication($"the discovery document of {issuer} has no jwks_uri");

        var published = await GetAsync(jwksAddress, stop);
        if (published.Refusal is { } noKeys) return noKeys;
        using var jwks = published.Value;
        if (jwks.RootElement.ValueKind != JsonValueKind.Object
            || !jwks.RootElement.TryGetProperty("keys", out var list) || list.ValueKind != JsonValueKind.Array)
            return StsRefusals.IdpCommunication($"{jwksAddress} holds no list of keys");
        var keys = list.EnumerateArray().Select(VerificationKey.FromJwk).OfType<VerificationKey>().ToArray();
        var rsaKeys = keys.Count(key => key.Rsa is not null);
        if (rsaKeys > MaxKeysPerType || keys.Length - rsaKeys > MaxKeysPerType)
            return StsRefusals.InvalidIdentityToken($"{issuer} publishes more than {MaxKeysPerType} keys of one type");
        return new Fetched(keys, clock.GetUtcNow());
    }

    private async Task<Outcome<JsonDocument>> GetAsync(string address, CancellationToken stop)
    {
        if (!IssuerAddress.IsAcceptable(address))
            return StsRefusals.IdpCommunication($"{address} is neither https nor http on loopback");
        try
        {
            var body = await http.GetByteArrayAsync(address, stop);
            return JsonDocument.Parse(body);
        }
        catch (Exception fault) when (fault is HttpRequestException or JsonException
            || (fault is TaskCanceledException && !stop.IsCancellationRequested))
        {
            return StsRefusals.IdpCommunication($"cannot read {address}: {fault.Message}");
        }
    }

    /// <summary>The client that fetches: bounded in time and size, following no redirect.</summary>
    public static HttpClient CreateClient() => new(new SocketsHttpHandler { AllowAutoRedirect = false })
    {
        Timeout = TimeSpan.FromSeconds(5),
        MaxResponseContentBufferSize = MaxDocumentBytes,
    };

    private static string? Text(JsonDocument document, string name) =>
        document.RootElement.ValueKind == JsonValueKind.Object
        && document.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private sealed record Fetched(IReadOnlyList<VerificationKey> Keys, DateTimeOffset At);
}
