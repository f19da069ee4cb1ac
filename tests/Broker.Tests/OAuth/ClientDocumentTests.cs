using System.Net;
using System.Net.Sockets;
using System.Text;
using Broker.OAuth.Clients;
using Broker.Tests.Hosting;
using Broker.Tests.People;

namespace Broker.Tests.OAuth;

/// <summary>Clients whose id is the address of their own metadata document, and what their addresses cannot make us do.</summary>
public sealed class ClientDocumentTests : IAsyncLifetime
{
    private readonly PeoplesBroker _people = new();
    private readonly DocumentPeer _peer = new();

    public async Task InitializeAsync() => await _people.InitializeAsync();

    public async Task DisposeAsync()
    {
        _peer.Dispose();
        await _people.DisposeAsync();
    }

    [Fact]
    public async Task A_client_by_its_document_asks_a_person_and_is_fetched_once()
    {
        var id = _peer.Address("/client.json");
        _peer.Body = $$"""
            {"client_id":"{{id}}","client_name":"An agent","redirect_uris":["http://localhost:7777/cb"],
             "grant_types":["authorization_code","refresh_token"],"logo_uri":"https://elsewhere.example/x","x":1}
            """;
        var person = new PersonBrowser(_people.App);
        await person.SignInByMailAsync(_people.App);
        var consent = await person.OpenAsync(PeoplesBroker.AuthorizeAddress(
            ("client_id", id), ("redirect_uri", "http://localhost:7777/cb")));
        var page = await person.OpenAsync(consent.Header("Location")![2..]);
        page.ShouldBeOk().Text.ShouldContain("An agent");
        page.Text.ShouldContain(WebUtility.HtmlEncode(id));
        page.Text.ShouldContain("localhost:7777");
        var request = consent.Header("Location")!.Split('=')[1];
        var back = PeoplesBroker.AnswerOf(
            await person.SendAsync("/oauth/consent", ("request", request), ("decision", "approve")),
            "http://localhost:7777/cb");

        var answer = (await _people.RedeemAsync(
            back["code"], ("client_id", id), ("redirect_uri", "http://localhost:7777/cb"))).ShouldBeOk();

        answer["refresh_token"].ShouldNotBeNull();
        (await _people.App.PostAsync("/v1/mint-oidc-jwt", bearer: answer["access_token"])).ShouldBeOk();
        _peer.Requests.ShouldBe(1);
    }

    [Theory]
    [InlineData("""{"client_id":"https://elsewhere.example/client.json","redirect_uris":["http://127.0.0.1/callback"]}""")]
    [InlineData("""{"client_id":"ID"}""")]
    [InlineData("""{"client_id":"ID","redirect_uris":["http://elsewhere.example/callback"]}""")]
    [InlineData("""{"client_id":"ID","redirect_uris":["http://127.0.0.1/callback"],"client_secret":"s"}""")]
    [InlineData("""{"client_id":"ID","redirect_uris":["http://127.0.0.1/callback"],"token_endpoint_auth_method":"client_secret_basic"}""")]
    [InlineData("""{"client_id":"ID","client_id":"ID","redirect_uris":["http://127.0.0.1/callback"]}""")]
    [InlineData("not JSON")]
    [InlineData("LONG")]
    [InlineData("REDIRECT")]
    [InlineData("HTML")]
    public async Task A_document_that_is_not_right_makes_no_client(string body)
    {
        var id = _peer.Address("/client.json");
        const string Right = """{"client_id":"ID","redirect_uris":["http://127.0.0.1/callback"]}""";
        _peer.Status = body == "REDIRECT" ? "302 Found\r\nLocation: /other.json" : "200 OK";
        _peer.Type = body == "HTML" ? "text/html" : "application/json";
        _peer.Body = (body switch
        {
            "LONG" => Right + new string(' ', 40_000),
            "REDIRECT" or "HTML" => Right,
            _ => body,
        }).Replace("ID", id, StringComparison.Ordinal);

        (await _people.App.GetAsync(PeoplesBroker.AuthorizeAddress(("client_id", id))))
            .Status.ShouldBe(HttpStatusCode.BadRequest);
        _peer.Requests.ShouldBe(1);

        // Nobody makes us ask again and again.
        await _people.App.GetAsync(PeoplesBroker.AuthorizeAddress(("client_id", id)));
        _peer.Requests.ShouldBe(1);
    }

    [Fact]
    public async Task Outside_development_mode_nothing_of_our_own_network_is_asked()
    {
        await using var broker = await BrokerApp.StartAsync();
        foreach (var id in (string[])
            [
                _peer.Address("/client.json"),
                _peer.Address("/client.json").Replace("http://", "https://", StringComparison.Ordinal),
                _peer.Address("/client.json").Replace("http://127.0.0.1", "https://localhost", StringComparison.Ordinal),
                _peer.Address("/client.json").Replace("http://127.0.0.1", "https://[::ffff:127.0.0.1]", StringComparison.Ordinal),
            ])
        {
            var answer = await broker.GetAsync(PeoplesBroker.AuthorizeAddress(("client_id", id)));
            answer.Status.ShouldBe(HttpStatusCode.BadRequest, id);
        }

        _peer.Connections.ShouldBe(0);
    }

    [Theory]
    [InlineData("https://app.example/client.json", true)]
    [InlineData("https://app.example:8443/client.json?v=1", true)]
    [InlineData("http://app.example/client.json", false)]
    [InlineData("https://app.example/", false)]
    [InlineData("https://app.example", false)]
    [InlineData("https://app.example/a#b", false)]
    [InlineData("https://user@app.example/a", false)]
    [InlineData("https://app.example/a/../b", false)]
    [InlineData("https://APP.example/a", false)]
    [InlineData("ftp://app.example/a", false)]
    [InlineData("://", false)]
    public void Takes_the_addresses_that_the_draft_takes(string address, bool isTaken)
    {
        using var fetcher = new DocumentFetcher(isDevelopment: false);
        fetcher.Takes(address).ShouldBe(isTaken);
    }

    /// <summary>The IANA special-purpose address registries (RFC 6890).</summary>
    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("2606:4700::1111", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("172.32.0.1", true)]
    [InlineData("192.168.0.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("::1", false)]
    [InlineData("::", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("::ffff:8.8.8.8", true)]
    [InlineData("64:ff9b::a00:1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fd00::1", false)]
    [InlineData("ff02::1", false)]
    [InlineData("2001:db8::1", false)]
    [InlineData("2002:a00:1::", false)]
    public void Knows_public_addresses(string address, bool isPublic) =>
        PublicAddress.Is(IPAddress.Parse(address)).ShouldBe(isPublic);

    /// <summary>A web server on loopback that answers everything with one body.</summary>
    private sealed class DocumentPeer : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public DocumentPeer()
        {
            _listener.Start();
            _ = Task.Run(ServeAsync);
        }

        public string Body { get; set; } = "{}";

        public string Status { get; set; } = "200 OK";

        public string Type { get; set; } = "application/json";

        public int Connections { get; private set; }

        public int Requests { get; private set; }

        public string Address(string path) => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}{path}";

        public void Dispose() => _listener.Dispose();

        private async Task ServeAsync()
        {
            try
            {
                while (true)
                {
                    using var client = await _listener.AcceptTcpClientAsync();
                    Connections++;
                    var stream = client.GetStream();
                    using var reader = new StreamReader(stream, leaveOpen: true);
                    while (await reader.ReadLineAsync() is { Length: > 0 })
                    {
                    }

                    Requests++;
                    var body = Encoding.UTF8.GetBytes(Body);
                    await stream.WriteAsync(Encoding.ASCII.GetBytes(
                        $"HTTP/1.1 {Status}\r\nContent-Type: {Type}\r\nContent-Length: {body.Length}\r\n"
                        + "Connection: close\r\n\r\n"));
                    await stream.WriteAsync(body);
                }
            }
            catch (Exception ended) when (ended is SocketException or ObjectDisposedException or IOException)
            {
                // The test is over.
            }
        }
    }
}
