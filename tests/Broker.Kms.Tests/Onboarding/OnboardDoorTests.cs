using System.Net;
using System.Net.Sockets;
using Broker.Kms.Tests.Rig;

namespace Broker.Kms.Tests.Onboarding;

/// <summary>What other web sites, and people who look for open ports, get out of onboarding.</summary>
public sealed class OnboardDoorTests : IAsyncLifetime
{
    private readonly Datacentre _datacentre = new();
    private readonly Socket _babbling = Listen();
    private Webhook _webhook = null!;
    private KmsNode _kms = null!;

    public async Task InitializeAsync()
    {
        _webhook = await Webhook.StartAsync();
        _kms = await KmsNode.StartAsync(_datacentre, _webhook, alter: options => options with
        {
            OnboardTls = false,
            OnboardHosts = ["kms.example.test"],
        });
    }

    /// <summary>On plain HTTP browsers send no <c>Sec-Fetch-Site</c>.</summary>
    [Theory]
    [InlineData("POST", "", "Origin: http://evil.test", false)]
    [InlineData("POST", "", "Origin: null", false)]
    [InlineData("POST", "", "Origin: SELF", true)]
    [InlineData("POST", "evil.test", "Origin: http://evil.test", false)]
    [InlineData("POST", "kms.example.test", "Origin: http://kms.example.test", true)]
    [InlineData("POST", "localhost", "Origin: http://localhost", true)]
    [InlineData("POST", "", "Origin: SELF|Sec-Fetch-Site: cross-site", false)]
    [InlineData("GET", "", "User-Agent: Mozilla/5.0", false)]
    [InlineData("GET", "", "User-Agent: Mozilla/5.0|Referer: http://evil.test/", false)]
    [InlineData("GET", "", "User-Agent: Mozilla/5.0|Referer: SELF/", true)]
    [InlineData("GET", "", "User-Agent: curl/8", true)]
    public async Task Other_web_sites_make_no_keys(string method, string host, string headers, bool makesKeys)
    {
        using var answer = await SendAsync(method, "/prpc/Bootstrap?domain=kms.example.test", host, headers);

        answer.StatusCode.ShouldBe(makesKeys ? HttpStatusCode.OK : HttpStatusCode.Forbidden);
        _kms.Keys.HasRootKey.ShouldBe(makesKeys);
    }

    [Theory]
    [InlineData("", HttpStatusCode.OK)]
    [InlineData("kms.example.test", HttpStatusCode.OK)]
    [InlineData("evil.test", HttpStatusCode.Forbidden)]
    public async Task A_browser_opens_the_page_under_a_name_of_ours(string host, HttpStatusCode expected)
    {
        using var answer = await SendAsync("GET", "/", host, "User-Agent: Mozilla/5.0");

        answer.StatusCode.ShouldBe(expected);
    }

    [Fact]
    public async Task Every_port_that_is_no_kms_is_told_in_the_same_words()
    {
        var babble = BabbleAsync(_babbling);
        var machine = new Guest(_datacentre.NewMachine(), "source");
        await using var plain = await FakeSource.StartAsync(machine, tls: false);
        await using var unattested = await FakeSource.StartAsync(machine);
        unattested.Certificate = _ => unattested.CertificateWith(null, unattested.RpcKey);

        var texts = new List<string>();
        foreach (var port in (int[])[ClosedPort(), PortOf(_babbling), plain.Address.Port, unattested.Address.Port])
        {
            var refusal = await OnboardAsync($"https://127.0.0.1:{port}");
            texts.Add(refusal.Replace($":{port}", ":PORT", StringComparison.Ordinal));
        }

        _babbling.Close();
        await Should.ThrowAsync<SocketException>(babble);
        texts.Distinct().ShouldHaveSingleItem();
        _kms.Entries()[^1].OutcomeDetail!.ShouldNotContain("refused");
    }

    [Theory]
    [InlineData("http://127.0.0.1:1")]
    [InlineData("ftp://127.0.0.1")]
    [InlineData("https://user:password@127.0.0.1:1")]
    [InlineData("https://127.0.0.1:1/?q=1")]
    public async Task Only_https_is_dialled(string source)
    {
        var refusal = await OnboardAsync(source);

        refusal.ShouldContain("source_url must be an https:// address");
        refusal.ShouldNotContain("password");
    }

    [Fact]
    public async Task The_state_tells_stored_keys_from_none()
    {
        using var client = KmsClient.Plain(_kms.Address);
        using var before = await client.SendAsync(HttpMethod.Get, "/state");
        (await before.Content.ReadAsStringAsync())
            .ShouldBe("{\"keys_stored\":false,\"ca_pubkey\":null,\"k256_pubkey\":null}");

        var made = await client.AnswerAsync("Bootstrap", "{\"domain\":\"kms.example.test\"}");

        using var after = await client.SendAsync(HttpMethod.Get, "/state");
        (await after.Content.ReadAsStringAsync()).ShouldStartWith(
            $"{{\"keys_stored\":true,\"ca_pubkey\":\"{made.GetProperty("ca_pubkey").GetString()}\"");
    }

    [Fact]
    public async Task A_machine_without_an_agent_is_told_in_the_words_of_the_method()
    {
        _kms.Machine.Broken = "guest agent at unix:/a: no guest agent socket at /a";
        using var client = KmsClient.Plain(_kms.Address);

        (await client.RefusalAsync("GetAttestationInfo", "{}")).ShouldBe(
            "Failed to get attestation: guest agent at unix:/a: no guest agent socket at /a");
    }

    public async Task DisposeAsync()
    {
        await _kms.DisposeAsync();
        await _webhook.DisposeAsync();
        _datacentre.Dispose();
        _babbling.Dispose();
    }

    private async Task<HttpResponseMessage> SendAsync(string method, string path, string host, string headers)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(_kms.Address, path));
        if (method == "POST") request.Content = new StringContent("{\"domain\":\"kms.example.test\"}");
        if (host.Length > 0) request.Headers.Host = host;
        foreach (var header in headers.Split('|'))
        {
            var (name, value) = (header[..header.IndexOf(':')], header[(header.IndexOf(':') + 2)..]);
            var self = _kms.Address.GetLeftPart(UriPartial.Authority);
            request.Headers.TryAddWithoutValidation(name, value.Replace("SELF", self, StringComparison.Ordinal));
        }

        return await http.SendAsync(request);
    }

    private async Task<string> OnboardAsync(string source)
    {
        using var client = KmsClient.Plain(_kms.Address);
        return await client.RefusalAsync("Onboard", $"{{\"source_url\":\"{source}\",\"domain\":\"kms.example.test\"}}");
    }

    private static Socket Listen()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen();
        return socket;
    }

    private static int ClosedPort()
    {
        using var socket = Listen();
        return PortOf(socket);
    }

    private static int PortOf(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;

    private static async Task BabbleAsync(Socket socket)
    {
        while (true)
        {
            using var peer = await socket.AcceptAsync();
            await peer.SendAsync("220 mail.internal ESMTP\r\n"u8.ToArray());
        }
    }
}
