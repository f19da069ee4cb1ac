using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Broker.Cli.Credentials;
using Broker.Cli.Terminal;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Broker.Cli.Running;

/// <summary>The answer of the container credentials provider (AWS SDKs and Tools Reference Guide).</summary>
internal sealed record EndpointCredentials(
    [property: JsonPropertyName("AccessKeyId")] string AccessKeyId,
    [property: JsonPropertyName("SecretAccessKey")] string SecretAccessKey,
    [property: JsonPropertyName("Token")] string Token,
    [property: JsonPropertyName("Expiration")] string Expiration,
    [property: JsonPropertyName("AccountId")] string? AccountId)
{
    public override string ToString() => AccessKeyId;
}

/// <summary>SDKs show the message to their user.</summary>
internal sealed record EndpointRefusal(
    [property: JsonPropertyName("code")] string Code, [property: JsonPropertyName("message")] string Message);

/// <summary>
/// Container credentials on 127.0.0.1, at a port of the system's choice and for whoever knows the random token. A page
/// in a browser of this machine gets nothing: it cannot send the token, and another host's name is refused.
/// </summary>
internal sealed class CredentialsEndpoint : IAsyncDisposable
{
    private const string Path = "/credentials";

    private readonly WebApplication _app;
    private readonly FreshCredentials _fresh;
    private readonly byte[] _tokenHash;

    private CredentialsEndpoint(WebApplication app, FreshCredentials fresh)
    {
        (_app, _fresh) = (app, fresh);
        Token = RandomNumberGenerator.GetHexString(64, lowercase: true);
        _tokenHash = Hash(Token);
    }

    public string Address { get; private set; } = "";

    /// <summary>SDKs send it as it is.</summary>
    public string Token { get; }

    public static async Task<CredentialsEndpoint> StartAsync(FreshCredentials fresh, CancellationToken stop)
    {
        // Empty: no settings file of the folder where the command runs, and no ASPNETCORE_URLS.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        var app = builder.Build();
        var endpoint = new CredentialsEndpoint(app, fresh);
        app.Run(endpoint.AnswerAsync);
        try
        {
            await app.StartAsync(stop);
        }
        catch (IOException fault)
        {
            throw new CommandFailedException($"cannot listen on 127.0.0.1: {fault.Message}", cause: fault);
        }

        endpoint.Address = app.Urls.Single() + Path;
        return endpoint;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        http.Response.Headers.CacheControl = "no-store";
        var request = http.Request;
        if (!IsMe(request.Host, http.Connection.LocalPort))
        {
            await RefuseAsync(http, StatusCodes.Status421MisdirectedRequest, "wrong_host", "this is 127.0.0.1 alone");
        }
        else if (request.Path != Path)
        {
            await RefuseAsync(http, StatusCodes.Status404NotFound, "not_found", $"the path is {Path}");
        }
        else if (!HttpMethods.IsGet(request.Method))
        {
            http.Response.Headers.Allow = HttpMethods.Get;
            await RefuseAsync(http, StatusCodes.Status405MethodNotAllowed, "method_not_allowed", "GET");
        }
        else if (!CryptographicOperations.FixedTimeEquals(Hash(request.Headers.Authorization.ToString()), _tokenHash))
        {
            await RefuseAsync(
                http, StatusCodes.Status401Unauthorized, "unauthorized", $"send {AwsVariables.EndpointToken} as it is");
        }
        else
        {
            await GiveAsync(http);
        }
    }

    private async Task GiveAsync(HttpContext http)
    {
        try
        {
            // Whoever hangs up does not end a mint that others wait for too.
            var given = (await _fresh.GetAsync(CancellationToken.None)).Given;
            var answer = new EndpointCredentials(
                given.AccessKeyId, given.SecretAccessKey, given.SessionToken,
                given.ExpiresAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
                CredentialFormat.AccountOf(given.RoleArn));
            await WriteAsync(http, answer, EndpointJson.Default.EndpointCredentials);
        }
        catch (CommandFailedException none)
        {
            var told = none.NextStep is { } next ? $"{none.Message}; {next}" : none.Message;
            await RefuseAsync(http, StatusCodes.Status502BadGateway, none.Code ?? "no_credentials", told);
        }
    }

    /// <summary>A name that somebody pointed at 127.0.0.1 is another host (DNS rebinding).</summary>
    private static bool IsMe(HostString host, int port) =>
        host.Port == port && (host.Host is "127.0.0.1" or "localhost");

    private static Task RefuseAsync(HttpContext http, int status, string code, string message)
    {
        http.Response.StatusCode = status;
        return WriteAsync(http, new EndpointRefusal(code, message), EndpointJson.Default.EndpointRefusal);
    }

    private static Task WriteAsync<T>(HttpContext http, T answer, JsonTypeInfo<T> type)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(answer, type);
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = body.Length;
        return http.Response.Body.WriteAsync(body, 0, body.Length);
    }

    /// <summary>Of one length, so that the comparison takes one time.</summary>
    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
