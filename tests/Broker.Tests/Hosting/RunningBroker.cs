using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Broker.Tests.Hosting;

/// <summary>
/// A broker that listens, be it in this process or in its own: what a client and an operator can do with it.
/// </summary>
public abstract class RunningBroker : IAsyncDisposable
{
    public HttpClient Http { get; } = new(new SocketsHttpHandler { AllowAutoRedirect = false });

    public abstract string DataFolder { get; }

    public virtual string LedgerFile => Path.Combine(DataFolder, "audit.sqlite");

    public string StateFile => Path.Combine(DataFolder, "broker.sqlite");

    public Uri Address => Http.BaseAddress!;

    /// <summary>Signs in as this wallet and gives its session token.</summary>
    public async Task<string> SignInAsync(Wallet wallet) => (await SignInAnswerAsync(wallet))
        .ShouldBeOk()["session_jwt"]!;

    public async Task<Answer> SignInAnswerAsync(Wallet wallet)
    {
        var challenge = await ChallengeAsync(wallet.Address);
        return await PostAsync("/v1/auth/wallet/verify", new
        {
            request_id = challenge["request_id"],
            signature = wallet.Sign(challenge["siwe_message"]!),
        });
    }

    public async Task<Answer> ChallengeAsync(string address) =>
        (await PostAsync("/v1/auth/wallet/start", new { address, chain_id = 1 })).ShouldBeOk();

    public Task<Answer> GetAsync(string path, params (string Name, string Value)[] headers) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Get, path), null, headers);

    /// <summary>Posts an object as JSON; without one, no body at all.</summary>
    public Task<Answer> PostAsync(
        string path, object? body = null, string? bearer = null, params (string Name, string Value)[] headers) =>
        PostRawAsync(path, body is null ? null : JsonSerializer.Serialize(body), bearer, headers);

    /// <summary>Posts this text as it is, labelled as JSON.</summary>
    public Task<Answer> PostRawAsync(
        string path, string? body, string? bearer = null, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        return SendAsync(request, bearer, headers);
    }

    /// <summary>Posts a form, as OAuth has it.</summary>
    public Task<Answer> PostFormAsync(string path, params (string Name, string Value)[] form) =>
        PostFormAsync(path, null, form);

    public Task<Answer> PostFormAsync(string path, string? bearer, (string Name, string Value)[] form) => SendAsync(
        new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new FormUrlEncodedContent(form.Select(one => KeyValuePair.Create(one.Name, one.Value))),
        },
        bearer);

    public async Task<Answer> SendAsync(
        HttpRequestMessage request, string? bearer = null, params (string Name, string Value)[] headers)
    {
        using (request)
        {
            if (bearer is not null) request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {bearer}");
            foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
            using var response = await Http.SendAsync(request);
            return await Answer.OfAsync(response);
        }
    }

    public IReadOnlyList<MintLogRow> MintLog() => MintLogRow.ReadAll(LedgerFile);

    /// <summary>What the ledger says of the request that got this answer.</summary>
    public IReadOnlyList<MintLogRow> RowsOf(Answer answer) =>
        [.. MintLog().Where(row => row.RequestId == answer.RequestId)];

    public MintLogRow RowOf(Answer answer) => RowsOf(answer).ShouldHaveSingleItem();

    /// <summary>The value of a counter at <c>/metrics</c>.</summary>
    public async Task<long> MetricAsync(string name)
    {
        var text = (await GetAsync("/metrics")).Text;
        var line = text.Split('\n')
            .Single(one => one.StartsWith($"agentkeys_broker_{name} ", StringComparison.Ordinal));
        return long.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
    }

    public abstract ValueTask DisposeAsync();
}
