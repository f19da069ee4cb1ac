using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Broker.Cryptography;

namespace Broker.EndToEnd.Clients;

/// <summary>An answer of the broker.</summary>
internal sealed record Answer(HttpStatusCode Status, JsonElement Body)
{
    public string Text(string member) => Body.GetProperty(member).GetString()!;

    public long Number(string member) => Body.GetProperty(member).GetInt64();

    /// <summary>This answer, which had to be a success.</summary>
    public Answer Ok()
    {
        Status.ShouldBe(HttpStatusCode.OK, Body.GetRawText());
        return this;
    }
}

/// <summary>Who signed in, and the token to show.</summary>
internal sealed record WalletSession(string Token, string Omni, string Wallet)
{
    /// <summary>The actor's own prefix in every bucket.</summary>
    public string Prefix => $"bots/{Omni}/";
}

/// <summary>Calls the broker as a client does: HTTP and JSON, and a wallet that signs.</summary>
internal sealed class BrokerClient(Uri broker) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = broker, Timeout = TimeSpan.FromMinutes(2) };

    /// <summary>Asks for a challenge, signs it with the wallet (EIP-191) and exchanges it for a session.</summary>
    public async Task<WalletSession> SignInAsync(Secp256k1PrivateKey wallet)
    {
        var address = wallet.PublicKey.Address.ToChecksummedString();
        var challenge = (await PostAsync("v1/auth/wallet/start", new { address, chain_id = 1 })).Ok();
        var signature = wallet.SignRecoverable(PersonalMessage.Hash(challenge.Text("siwe_message")));
        signature[64] += 27; // as wallets write it
        var session = (await PostAsync("v1/auth/wallet/verify", new
        {
            request_id = challenge.Text("request_id"),
            signature = $"0x{Convert.ToHexStringLower(signature)}",
        })).Ok();
        return new WalletSession(session.Text("session_jwt"), session.Text("omni_account"),
            session.Text("wallet_address"));
    }

    /// <summary>POST with a JSON body; the bearer where there is a session.</summary>
    public Task<Answer> PostAsync(string path, object body, WalletSession? session = null,
        CancellationToken stop = default) =>
        SendAsync(HttpMethod.Post, path, session?.Token, JsonContent.Create(body), stop);

    /// <summary>POST with a form.</summary>
    public Task<Answer> PostFormAsync(string path, Dictionary<string, string> form) =>
        SendAsync(HttpMethod.Post, path, null, new FormUrlEncodedContent(form), CancellationToken.None);

    /// <summary>GET; the bearer where there is a session.</summary>
    public Task<Answer> GetAsync(string path, WalletSession? session = null, CancellationToken stop = default) =>
        SendAsync(HttpMethod.Get, path, session?.Token, content: null, stop);

    /// <summary>GET of something that is text.</summary>
    public async Task<string> GetTextAsync(string path, CancellationToken stop = default) =>
        await _http.GetStringAsync(path, stop);

    public void Dispose() => _http.Dispose();

    private async Task<Answer> SendAsync(HttpMethod method, string path,
        string? bearer, HttpContent? content, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        if (bearer is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        using var response = await _http.SendAsync(request, stop);
        return new Answer(response.StatusCode, JsonElement.Parse(await response.Content.ReadAsByteArrayAsync(stop)));
    }
}
