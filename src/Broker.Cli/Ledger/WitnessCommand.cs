using System.CommandLine;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Broker.Cli.Terminal;
using Broker.Cryptography;
using Broker.Foundation;
using Broker.Ledger.Notes;
using Broker.Ledger.Witness;
using Broker.Listening;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Broker.Cli.Ledger;

/// <summary>
/// <c>brokerctl ledger witness</c>: watches other logs and cosigns what continues them, over HTTP as C2SP tlog-witness
/// says. Without TLS: it belongs behind a proxy or on one host.
/// </summary>
internal static class WitnessCommand
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static Command Create()
    {
        var state = new Option<string>("--state") { Description = "folder that keeps what was seen", Required = true };
        var key = new Option<string>("--key")
        {
            Description = "its Ed25519 key: a key file of keygen --purpose ledger, or PEM; for nothing else",
            Required = true,
        };
        var name = new Option<string>("--name") { Description = "its name in signatures", Required = true };
        var logs = new Option<string[]>("--log")
        {
            Description = "a log to watch: its vkey or a FILE with it; where its origin line is not the key's name, " +
                "\"ORIGIN VKEY\" with one space between, such as \"go.sum database tree sum.golang.org+033de0ae+Ac4z…\"",
            Required = true,
        };
        var bind = new Option<string>("--bind")
        {
            Description = "address and port to listen on",
            DefaultValueFactory = _ => "127.0.0.1:8092",
        };
        var json = LedgerFile.JsonOption();
        var command = new Command("witness", "Watch other logs and cosign what continues them")
        {
            state, key, name, logs, bind, json,
        };
        command.SetAction(async (parsed, stop) =>
        {
            using var signingKey = ReadKey(parsed.GetValue(key)!);
            if (!NoteKey.IsName(parsed.GetValue(name)!)) throw Misuse($"\"{parsed.GetValue(name)}\" is not a key name");
            if (!IPEndPoint.TryParse(parsed.GetValue(bind)!, out var address))
                throw Misuse("--bind wants ADDRESS:PORT");
            var witness = new LedgerWitness(
                parsed.GetValue(state)!, parsed.GetValue(name)!, signingKey,
                parsed.GetValue(logs)!.Select(LedgerFile.ParseLog), TimeProvider.System);
            await ServeAsync(witness, address, parsed.GetValue(json), parsed.InvocationConfiguration.Output, stop);
            return ExitCode.Ok;
        });
        return command;
    }

    private static async Task ServeAsync(
        LedgerWitness witness, IPEndPoint address, bool json, TextWriter output, CancellationToken stop)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(address);
            kestrel.RequireDigitsInContentLength();
            kestrel.Limits.MaxRequestBodySize = WitnessRequest.MaxLength;
        });
        await using var app = builder.Build();
        app.UseHeadRequests();
        app.UseOneSpelling();
        app.UseRouting();
        app.MapPost("/add-checkpoint", async (HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
            var answer = witness.AddCheckpoint(body.GetBuffer().AsSpan(0, (int)body.Length));
            return Results.Text(answer.Body, answer.ContentType, statusCode: answer.Status);
        });
        app.MapGet("/{origin}/checkpoint", (string origin) => witness.Newest(origin) is { } note
            ? Results.Text(note)
            : Results.NotFound());
        await app.StartAsync(stop);
        var listening = app.Urls.First();
        var key = witness.VerifierKey.ToString();
        if (json) JsonOutput.Write(output, new WitnessAnswer(listening, key), LedgerJson.Line.WitnessAnswer);
        else await output.WriteLineAsync($"witness {key} listens on {listening}");
        await output.FlushAsync(stop);
        await app.WaitForShutdownAsync(stop);
    }

    private static Ed25519SigningKey ReadKey(string path)
    {
        if (File.Exists(path) && (File.GetUnixFileMode(path) & ~OwnerOnly) != 0)
            throw Misuse($"\"{path}\" may be read or written by others; run: chmod 600 {path}");
        try
        {
            var text = LedgerFile.ReadText(path);
            return Ed25519SigningKey.ImportFromPem(text.AsSpan().TrimStart().StartsWith("{") ? PemIn(text) : text);
        }
        catch (Exception e) when (e is CryptographicException or JsonException)
        {
            throw new CommandFailedException(
                $"\"{path}\" holds no Ed25519 private key: {e.Message}", ExitCode.Misuse, e);
        }
    }

    // The key file of keygen (contract §3.5): JSON with kid, private_key_pem and purpose.
    private static string PemIn(string keyFile)
    {
        using var document = StrictJson.Parse(Encoding.UTF8.GetBytes(keyFile));
        var file = document.RootElement;
        return file.ValueKind == JsonValueKind.Object && file.TryGetProperty("private_key_pem", out var pem)
            && pem.ValueKind == JsonValueKind.String
            ? pem.GetString()!
            : throw new JsonException("a key file has a member private_key_pem");
    }

    private static CommandFailedException Misuse(string message) => new(message, ExitCode.Misuse);
}
