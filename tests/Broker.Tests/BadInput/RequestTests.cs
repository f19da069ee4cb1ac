using System.Net.Sockets;
using System.Text;
using Broker.Tests.Hosting;

namespace Broker.Tests.BadInput;

/// <summary>What stands around the body: methods, addresses, headers, query strings.</summary>
public sealed class RequestTests(SharedBroker shared) : IClassFixture<SharedBroker>, IAsyncLifetime
{
    private readonly BrokerApp _broker = shared.App;
    private readonly Wallet _wallet = new();
    private string _session = "";

    public async Task InitializeAsync() => _session = await _broker.SignInAsync(_wallet);

    public Task DisposeAsync()
    {
        _wallet.Dispose();
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData("/v1/auth/wallet/start", "POST")]
    [InlineData("/v1/auth/wallet/verify", "POST")]
    [InlineData("/v1/auth/exchange", "POST")]
    [InlineData("/v1/auth/session/end", "POST")]
    [InlineData("/v1/mint-oidc-jwt", "POST")]
    [InlineData("/v1/mint-aws-creds", "POST")]
    [InlineData("/v1/ledger/entries", "GET")]
    [InlineData("/ledger/checkpoint", "GET")]
    [InlineData("/.well-known/jwks.json", "GET")]
    [InlineData("/healthz", "GET")]
    public async Task Refuses_other_methods_and_says_which_it_takes(string path, string taken)
    {
        foreach (var method in ((string[])["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW"])
            .Where(one => one != taken))
        {
            var answer = await _broker.SendAsync(new HttpRequestMessage(new HttpMethod(method), path), _session);

            answer.ShouldRefuse(405, "bad_request", "method_not_allowed").Header("Allow")!.ShouldContain(taken);
        }
    }

    [Theory]
    [InlineData("/v1")]
    [InlineData("/v1/mint-aws-creds/extra")]
    [InlineData("/v2/mint-aws-creds")]
    [InlineData("/%2e%2e/%2e%2e/etc/passwd")]
    [InlineData("/v1%2Fmint-oidc-jwt")]
    [InlineData("/%00")]
    [InlineData("/.well-known/")]
    [InlineData("/ledger/tile/0/x")]
    public async Task Knows_no_other_addresses(string path)
    {
        var answer = await _broker.GetAsync(path);

        ((int)answer.Status).ShouldBeInRange(400, 499);
        if (answer.Text.Length > 0) answer.ShouldRefuse(404, "bad_request", "not_found");
    }

    [Theory]
    [InlineData("dry_run=maybe")]
    [InlineData("dry_run=")]
    [InlineData("dry_run=TRUE")]
    [InlineData("dry_run=true&dry_run=false")]
    [InlineData("receipt=some")]
    [InlineData("receipt=full&receipt=none")]
    [InlineData("receipt=%00")]
    [InlineData("receipt=%ff")]
    public async Task Refuses_a_query_that_it_does_not_understand(string query)
    {
        var calls = _broker.Sts.Calls.Count;

        (await _broker.PostAsync($"/v1/mint-aws-creds?{query}", bearer: _session))
            .ShouldRefuse(400, "bad_request", "invalid_field");

        _broker.Sts.Calls.Count.ShouldBe(calls);
    }

    [Theory]
    [InlineData("after=-1")]
    [InlineData("after=x")]
    [InlineData("after=1%00")]
    [InlineData("after=%2B1")]
    [InlineData("after=%201")]
    [InlineData("after=9223372036854775808")]
    [InlineData("after=99999999999999999999")]
    [InlineData("limit=0")]
    [InlineData("limit=1001")]
    [InlineData("limit=1&limit=2")]
    public async Task Refuses_a_page_that_there_is_not(string query)
    {
        var answer = await _broker.GetAsync($"/v1/ledger/entries?{query}", ("Authorization", $"Bearer {_session}"));

        answer.ShouldRefuse(400, "bad_request", "invalid_field");
    }

    [Fact]
    public async Task Passes_over_a_query_that_is_none_of_its_own()
    {
        foreach (var query in (string[])["", "&&&", "=", "%", "x=%zz", "dry_ru=true", "utm_source=mail"])
            (await _broker.PostAsync($"/v1/mint-oidc-jwt?{query}", bearer: _session)).ShouldBeOk();
    }

    [Theory]
    [InlineData("")]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Basic dXNlcjpwYXNz")]
    [InlineData("{0}")]
    [InlineData("Bearer two words")]
    public async Task Refuses_an_authorization_that_is_not_one_bearer(string header)
    {
        foreach (var path in (string[])["/v1/mint-oidc-jwt", "/v1/mint-aws-creds", "/v1/auth/exchange",
            "/v1/auth/session/end"])
        {
            var answer = await _broker.PostAsync(
                path, headers: ("Authorization", header.Replace("{0}", _session, StringComparison.Ordinal)));

            answer.ShouldRefuse(401, "unauthorized", "missing_bearer");
            _broker.RowsOf(answer).ShouldBeEmpty();
        }
    }

    [Theory]
    [InlineData("eyJ..")]
    [InlineData("eyJ.eyJ.")]
    [InlineData("eyJhbGciOiJub25lIn0.e30.")]
    [InlineData("eyJhbGciOiJcdWQ4MDAifQ.e30.AAAA")]
    [InlineData("eyJcdWQ4MDAiOjF9.e30.AAAA")]
    [InlineData("eyJhbGciOiL_In0.e30.AAAA")]
    [InlineData("eyJbXQ.e30.AAAA")]
    [InlineData("eyJ!!!.e30.AAAA")]
    [InlineData("{8192}")]
    public async Task Refuses_what_only_looks_like_a_token(string bearer)
    {
        if (bearer == "{8192}") bearer = "eyJ" + new string('A', 8187) + "..";
        foreach (var path in (string[])["/v1/mint-oidc-jwt", "/v1/auth/session/end"])
            (await _broker.PostAsync(path, bearer: bearer)).ShouldRefuse(401, "unauthorized", "invalid_bearer");
    }

    [Fact]
    public async Task Refuses_a_bearer_that_is_too_long() =>
        (await _broker.PostAsync("/v1/mint-oidc-jwt", bearer: new string('a', 8193)))
            .ShouldRefuse(401, "unauthorized", "missing_bearer");

    [Theory]
    [InlineData("")]
    [InlineData("tab\tinside")]
    [InlineData("{256}")]
    public async Task Refuses_an_idempotency_key_that_is_none(string key)
    {
        var answer = await _broker.PostAsync(
            "/v1/mint-aws-creds", null, _session, ("Idempotency-Key", key == "{256}" ? new string('k', 256) : key));

        answer.ShouldRefuse(400, "bad_request", "invalid_idempotency_key");
    }

    [Theory]
    [InlineData("short", false)]
    [InlineData("has space inside", false)]
    [InlineData("new\tline-and-more", false)]
    [InlineData("my-request.id_0001", true)]
    public async Task Keeps_a_request_id_that_is_fit_to_be_logged_and_no_other(string id, bool kept)
    {
        var answer = await _broker.PostAsync("/v1/mint-oidc-jwt", null, _session, ("X-Request-Id", id));

        if (kept) answer.RequestId.ShouldBe(id);
        else answer.RequestId.ShouldMatch("^[0-9a-f]{16}$");
        _broker.RowOf(answer).RequestId.ShouldBe(answer.RequestId);
    }

    [Theory]
    [InlineData("GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: {40000}\r\n\r\n", "431")]
    [InlineData("GET /healthz HTTP/1.1\r\nHost: x\r\nBad Header: 1\r\n\r\n", "400")]
    [InlineData("GET /healthz HTTP/1.1\r\n\r\n", "400")]
    [InlineData("GET /{40000} HTTP/1.1\r\nHost: x\r\n\r\n", "414")]
    [InlineData("nonsense\r\n\r\n", "400")]
    [InlineData(
        "POST /v1/mint-oidc-jwt HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n"
        + "0\r\n\r\n", "40")]
    [InlineData(
        "POST /v1/auth/wallet/start HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", "400")]
    [InlineData("POST /v1/auth/wallet/start HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", "400")]
    [InlineData(
        "POST /v1/mint-aws-creds HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {session}\r\n"
        + "Idempotency-Key: a\r\nIdempotency-Key: b\r\nContent-Length: 0\r\n\r\n", "400")]
    [InlineData(
        "POST /v1/mint-oidc-jwt HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {session}\r\n"
        + "Authorization: Bearer {session}\r\nContent-Length: 0\r\n\r\n", "401")]
    [InlineData(
        "POST /v1/mint-oidc-jwt HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer t\u00f6k\u00e9n\r\n"
        + "Content-Length: 0\r\n\r\n", "40")]
    [InlineData(
        "POST /v1/mint-oidc-jwt HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer a\0b\r\nContent-Length: 0\r\n\r\n", "400")]
    public async Task Refuses_what_is_not_http_and_lives_on(string request, string status)
    {
        using (var client = new TcpClient(_broker.Address.Host, _broker.Address.Port))
        {
            var stream = client.GetStream();
            await stream.WriteAsync(Encoding.Latin1.GetBytes(request
                .Replace("{40000}", new string('x', 40_000), StringComparison.Ordinal)
                    .Replace("{session}", _session, StringComparison.Ordinal)));
            using var reader = new StreamReader(stream, Encoding.ASCII);
            var line = await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30));
            line!.ShouldStartWith($"HTTP/1.1 {status}");
        }

        (await _broker.GetAsync("/healthz")).ShouldBeOk();
    }
}
