using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Broker.Cli.Tests.Support;

namespace Broker.Cli.Tests.Running;

/// <summary><c>run --serve</c>: what its endpoint gives, to whom, and for how long.</summary>
public sealed class ServeTests(BrokerSite site) : IClassFixture<BrokerSite>
{
    [Fact]
    public async Task Gives_container_credentials_to_whoever_has_the_token_and_ends_with_the_command()
    {
        using var user = await site.SignedInAsync();
        using var served = await ServedCommand.StartAsync(user, "--role", "vault");

        served.Address.ShouldStartWith("http://127.0.0.1:");
        served.Token.Length.ShouldBe(64);
        using var answer = await served.GetAsync(served.Token);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Headers.CacheControl!.NoStore.ShouldBeTrue();
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        json.EnumerateObject().Select(member => member.Name)
            .ShouldBe(["AccessKeyId", "SecretAccessKey", "Token", "Expiration", "AccountId"]);
        json.GetProperty("AccessKeyId").GetString()!.ShouldStartWith("ASIA");
        json.GetProperty("Expiration").GetString()!.ShouldEndWith("Z");

        // Kept: whoever asks again gets the same.
        using var again = await served.GetAsync(served.Token);
        (await again.Content.ReadAsStringAsync()).ShouldContain(json.GetProperty("AccessKeyId").GetString()!);

        await served.EndAsync(user);
        await Should.ThrowAsync<HttpRequestException>(() => served.UntilGoneAsync());
    }

    [Fact]
    public async Task Refuses_other_tokens_hosts_paths_and_methods()
    {
        using var user = await site.SignedInAsync();
        using var served = await ServedCommand.StartAsync(user);

        var token = served.Token;
        foreach (var wrong in (string?[])[null, "", "x", token[..^1], token + "x", $"Bearer {token}"])
        {
            using var refused = await served.GetAsync(wrong);
            refused.StatusCode.ShouldBe(HttpStatusCode.Unauthorized, wrong);
            refused.Headers.CacheControl!.NoStore.ShouldBeTrue();
            JsonDocument.Parse(await refused.Content.ReadAsStringAsync()).RootElement
                .GetProperty("message").GetString().ShouldNotBeNullOrEmpty();
        }

        var port = new Uri(served.Address).Port;
        string[] others =
            ["evil.example", $"evil.example:{port}", "127.0.0.1", "127.0.0.1:1", $"127.0.0.1.nip.io:{port}"];
        foreach (var host in others)
        {
            using var refused = await served.GetAsync(served.Token, host: host);
            refused.StatusCode.ShouldBe(HttpStatusCode.MisdirectedRequest, host);
        }

        using var named = await served.GetAsync(served.Token, host: $"localhost:{port}");
        named.StatusCode.ShouldBe(HttpStatusCode.OK);
        using var elsewhere = await served.GetAsync(served.Token, path: "/");
        elsewhere.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        using var posted = await served.GetAsync(served.Token, method: HttpMethod.Post);
        posted.StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
    }

    [Fact]
    public async Task The_endpoint_ends_also_with_a_command_that_is_killed()
    {
        using var user = await site.SignedInAsync();
        using var served = await ServedCommand.StartAsync(user);

        served.Process.Kill();

        await Should.ThrowAsync<HttpRequestException>(() => served.UntilGoneAsync());
    }

    [Fact]
    public async Task The_command_has_the_address_and_no_credentials()
    {
        using var user = await site.SignedInAsync();
        string[] others = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"];
        foreach (var name in others) user.Environment[name] = "another";

        var names = (await user.RunAsync("run", "--serve", "--", "env")).ShouldSucceed().Output.Split('\n')
            .Select(line => line.Split('=')[0]).Where(name => name.StartsWith("AWS_", StringComparison.Ordinal));

        names.Order(StringComparer.Ordinal).ShouldBe(
        [
            "AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_DEFAULT_REGION",
            "AWS_REGION",
        ]);
    }

    /// <summary>A command under <c>run --serve</c> that waits for its end.</summary>
    private sealed class ServedCommand : IDisposable
    {
        private readonly HttpClient _http = new();

        private ServedCommand(Process process, string address, string token)
        {
            (Process, Address, Token) = (process, address, token);
        }

        public Process Process { get; }

        public string Address { get; }

        public string Token { get; }

        public static async Task<ServedCommand> StartAsync(CommandLineUser user, params string[] options)
        {
            const string script =
                "echo $AWS_CONTAINER_CREDENTIALS_FULL_URI; echo $AWS_CONTAINER_AUTHORIZATION_TOKEN; read line";
            var process = user.Start(["run", "--serve", .. options, "--", "/bin/sh", "-c", script]);
            var address = await process.StandardOutput.ReadLineAsync();
            if (address is null) throw new InvalidOperationException(await process.StandardError.ReadToEndAsync());
            return new ServedCommand(process, address, (await process.StandardOutput.ReadLineAsync())!);
        }

        public async Task<HttpResponseMessage> GetAsync(
            string? token, string? host = null, string? path = null, HttpMethod? method = null)
        {
            using var request = new HttpRequestMessage(
                method ?? HttpMethod.Get, path is null ? new Uri(Address) : new Uri(new Uri(Address), path));
            if (token is not null) request.Headers.TryAddWithoutValidation("Authorization", token);
            request.Headers.Host = host;
            return await _http.SendAsync(request);
        }

        public async Task EndAsync(CommandLineUser user)
        {
            await Process.StandardInput.WriteLineAsync("end");
            await Process.WaitForExitAsync();
            Process.ExitCode.ShouldBe(0, user.Home);
        }

        /// <summary>Asks until nobody listens any more.</summary>
        public async Task UntilGoneAsync()
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            while (!limit.IsCancellationRequested)
            {
                using var http = new HttpClient();
                using var answer = await http.GetAsync(new Uri(Address), limit.Token);
            }
        }

        public void Dispose()
        {
            if (!Process.HasExited) Process.Kill();
            Process.Dispose();
            _http.Dispose();
        }
    }
}
