using System.Buffers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Broker.Attestation.EventLog;
using Broker.Attestation.Simulation;
using Broker.Cli.Terminal;
using Broker.Foundation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Broker.Cli.Tee;

/// <summary>
/// dstack's guest agent as a KMS and the SDKs call it, JSON over HTTP on a unix socket:
/// <c>POST /Attest</c> <c>{"report_data":HEX}</c> → <c>{"attestation":HEX}</c>,
/// <c>POST /GetQuote</c> <c>{"report_data":HEX}</c> → <c>{"quote","event_log","report_data","vm_config"}</c>,
/// <c>POST /Info</c> → identities, registers and <c>vm_config</c>. Report data has at most 64 bytes and is padded with
/// zeros; anything else is 400 with <c>{"error"}</c>.
/// </summary>
internal static class GuestAgentServer
{
    private const int ReportDataLength = 64;

    /// <summary>Returns once the socket answers; it is readable and writable by its owner only.</summary>
    public static async Task<WebApplication> StartAsync(SimulatedGuest guest, string socket, CancellationToken stop)
    {
        AbandonedSocket.Remove(socket);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = 64 * 1024;
            kestrel.ListenUnixSocket(socket, listen => listen.Protocols = HttpProtocols.Http1);
        });

        var app = builder.Build();
        app.MapPost("/Attest", request => AnswerAsync(request, reportData => new JsonObject
        {
            ["attestation"] = Convert.ToHexStringLower(guest.Attest(reportData).Encode()),
        }));
        app.MapPost("/GetQuote", request => AnswerAsync(request, reportData => new JsonObject
        {
            ["quote"] = Convert.ToHexStringLower(guest.Quote(reportData)),
            ["event_log"] = Encoding.UTF8.GetString(EventLogJson.Write(guest.Events)),
            ["report_data"] = Convert.ToHexStringLower(reportData),
            ["vm_config"] = guest.VmConfig,
        }));
        app.MapPost("/Info", context => WriteAsync(context, StatusCodes.Status200OK, Info(guest)));
        app.MapGet("/Info", context => WriteAsync(context, StatusCodes.Status200OK, Info(guest)));

        try
        {
            await app.StartAsync(stop);
        }
        catch (Exception fault) when (fault is IOException or SocketException)
        {
            throw new CommandFailedException($"{socket}: {fault.Message}", cause: fault);
        }

        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(socket, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return app;
    }

    private static async Task AnswerAsync(HttpContext context, Func<byte[], JsonObject> answer)
    {
        if (await ReadReportDataAsync(context) is { } reportData)
        {
            await WriteAsync(context, StatusCodes.Status200OK, answer(reportData));
            return;
        }

        await WriteAsync(context, StatusCodes.Status400BadRequest, new JsonObject
        {
            ["error"] = $"report_data: hex of at most {ReportDataLength} bytes",
        });
    }

    private static async Task<byte[]?> ReadReportDataAsync(HttpContext context)
    {
        try
        {
            using var bytes = new MemoryStream();
            await context.Request.Body.CopyToAsync(bytes, context.RequestAborted);
            using var body = StrictJson.Parse(bytes.ToArray());
            var reportData = new byte[ReportDataLength];
            return body.RootElement.ValueKind == JsonValueKind.Object
                && body.RootElement.TryGetProperty("report_data", out var hex) && hex.ValueKind == JsonValueKind.String
                && hex.GetString() is { Length: <= 2 * ReportDataLength } text && text.Length % 2 == 0
                && Convert.FromHexString(text, reportData, out _, out _) == OperationStatus.Done
                ? reportData
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonObject Info(SimulatedGuest guest)
    {
        byte[] Payload(string name) => guest.Events.RuntimeEvents()
            .FirstOrDefault(entry => entry.Name == name)?.Payload.ToArray() ?? [];
        return new JsonObject
        {
            ["app_id"] = Convert.ToHexStringLower(Payload("app-id")),
            ["instance_id"] = Convert.ToHexStringLower(Payload("instance-id")),
            ["compose_hash"] = Convert.ToHexStringLower(Payload("compose-hash")),
            ["key_provider_info"] = Encoding.UTF8.GetString(Payload("key-provider")),
            ["vm_config"] = guest.VmConfig,
            ["tcb_info"] = new JsonObject
            {
                ["mrtd"] = Convert.ToHexStringLower(guest.Td.MrTd.Span),
                ["rtmr0"] = Convert.ToHexStringLower(guest.Td.RtMr0.Span),
                ["rtmr1"] = Convert.ToHexStringLower(guest.Td.RtMr1.Span),
                ["rtmr2"] = Convert.ToHexStringLower(guest.Td.RtMr2.Span),
                ["rtmr3"] = Convert.ToHexStringLower(guest.Td.RtMr3.Span),
                ["event_log"] = JsonNode.Parse(EventLogJson.Write(guest.Events)),
            }.ToJsonString(),
        };
    }

    private static Task WriteAsync(HttpContext context, int status, JsonObject body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(body.ToJsonString(), context.RequestAborted);
    }
}
