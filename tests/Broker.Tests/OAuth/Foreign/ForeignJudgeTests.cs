using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Broker.Tests.Hosting;

namespace Broker.Tests.OAuth.Foreign;

/// <summary>
/// npm <c>jose</c> as an issuer in a process of its own, with claims as GitHub Actions has them, and npm
/// <c>openid-client</c> as the job: without a client and with one, for a session and for AWS.
/// </summary>
public sealed class ForeignJudgeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task OpenId_client_exchanges_a_jobs_token()
    {
        var port = FreePort();
        var file = _folder.File("issuers.json");
        await File.WriteAllTextAsync(file, $$$"""
            {"issuers":[{"preset":"github-actions","issuer":"http://127.0.0.1:{{{port}}}",
             "rules":[{"name":"deploy","claims":{"repository_id":"456789","ref":"refs/heads/*"},"roles":["vault"]}]}]}
            """);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var clients = TestClient.FileOf(_folder, new
        {
            client_id = "ci",
            token_endpoint_auth_method = "none",
            grant_types = new[] { TestClient.TokenExchange },
        });
        await using var broker = await BrokerApp.StartAsync(
            ("BROKER_DEV_MODE", "true"), ("BROKER_FOREIGN_ISSUERS_FILE", file), ("BROKER_OAUTH_CLIENTS_FILE", clients));

        const string Subject = "repo:octocat@123456/my-repo@456789:ref:refs/heads/main";
        var verdict = await Npm.RunAsync("foreign-judge.mjs", new
        {
            issuer = BrokerApp.Issuer,
            address = broker.Address,
            port,
            clientId = "ci",
            now = broker.Clock.UnixSeconds,
            claims = new
            {
                sub = Subject,
                repository = "octocat/my-repo",
                repository_id = "456789",
                repository_owner = "octocat",
                repository_owner_id = "123456",
                @ref = "refs/heads/main",
            },
        });

        verdict.GetProperty("types").ToString().ShouldBe(
            """{"session":"access_token","token":"jwt","by_session":"jwt","by_client":"jwt"}""");
        verdict.GetProperty("subject").GetString().ShouldBe($"http://127.0.0.1:{port}#{Subject}");
        var sub = $"agentkeys:agent:{verdict.GetProperty("actor").GetString()}";
        verdict.GetProperty("verified").ToString().ShouldBe(
            JsonSerializer.Serialize(new { token = sub, by_session = sub, by_client = sub }));
        verdict.GetProperty("refused").ToString().ShouldBe(
            """{"error":"invalid_grant","status":400,"code":"foreign_token_replayed"}""");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
