using Broker.Foundation;
using Broker.Kms.Authorization;
using Broker.Kms.Records;
using Broker.Kms.Tls;
using Broker.Ledger;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Broker.Kms.Prpc;

/// <summary>
/// prpc over HTTP (kms-protocol §1): <c>GET</c> or <c>POST /prpc/&lt;Method&gt;</c>, in JSON or protobuf. Whatever goes
/// wrong is answered in the encoding of the request, as <c>{"error": …}</c> or as a message with the text in field 1.
/// </summary>
/// <param name="prefix">The service's own, such as <c>KMS.</c>; accepted in front of a method and taken off.</param>
/// <param name="methods">The service's methods.</param>
/// <param name="records">Where evidence that does not hold is recorded, since no method sees it.</param>
/// <param name="log">For faults of our own.</param>
internal sealed partial class PrpcEndpoint(
    string prefix, IEnumerable<IPrpcMethod> methods, KmsRecords records, ILogger<PrpcEndpoint> log)
{
    /// <summary>Room for the names and addresses that most methods take.</summary>
    public const int UsualBodyBytes = 16 * 1024;

    /// <summary>Room for a vm_config, which is text of at most a mebibyte in another text.</summary>
    public const int VmConfigBodyBytes = 3 * 1024 * 1024;

    /// <summary>Room for an attestation: the most that any method takes.</summary>
    public const int AttestationBodyBytes = 10 * 1024 * 1024;

    /// <summary>Of a refusal in the log.</summary>
    private const int ShownCharacters = 500;

    private readonly Dictionary<string, IPrpcMethod> _methods = methods.ToDictionary(method => method.Name);

    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapMethods("/prpc/{method}", [HttpMethods.Get, HttpMethods.Post], HandleAsync);

    private async Task HandleAsync(HttpContext http)
    {
        var encoding = PrpcPayload.EncodingOf(http.Request, []);
        PrpcReply reply;
        try
        {
            var name = MethodName(http);
            _methods.TryGetValue(name, out var method);
            var body = await ReadBodyAsync(
                http.Request, method?.MaxRequestBytes ?? UsualBodyBytes, http.RequestAborted);
            encoding = PrpcPayload.EncodingOf(http.Request, body.Span);
            reply = method is null
                ? PrpcReply.Failure(StatusCodes.Status400BadRequest, $"Service not found: {name}")
                : await InvokeAsync(http, method, body, encoding);
        }
        catch (PrpcFormatException malformed)
        {
            reply = PrpcReply.Failure(StatusCodes.Status400BadRequest, malformed.Message);
        }
        catch (LedgerUnavailableException unavailable)
        {
            LogLedgerUnavailable(unavailable);
            http.Response.Headers.RetryAfter = $"{Math.Ceiling(unavailable.RetryAfter.TotalSeconds)}";
            reply = PrpcReply.Failure(
                StatusCodes.Status503ServiceUnavailable, "the ledger cannot take the entry, so nothing is released");
        }
        catch (Exception fault) when (fault is not OperationCanceledException and not BadHttpRequestException)
        {
            // The edge where a fault of ours becomes an answer; the cause stays in our log.
            LogFault(fault, http.TraceIdentifier);
            reply = PrpcReply.Failure(
                StatusCodes.Status500InternalServerError, $"internal error ({http.TraceIdentifier})");
        }

        if (reply.Error is { } reason)
        {
            LogRefused(
                ForeignText.Excerpt(MethodName(http), ShownCharacters), reply.Status,
                ForeignText.Excerpt(reason, ShownCharacters), http.TraceIdentifier);
        }

        await reply.WriteAsync(http.Response, encoding, http.RequestAborted);
    }

    private async Task<PrpcReply> InvokeAsync(
        HttpContext http, IPrpcMethod method, ReadOnlyMemory<byte> body, PrpcEncoding encoding)
    {
        // Evidence that does not hold is refused on every method, also on those that would not have looked at it.
        var caller = await ConnectionEvidence.CallerAsync(http, http.RequestAborted);
        if (caller.IsRefused)
        {
            var refusal = caller.Refusal.Within("invalid quote");
            if (method.Action is { } action)
                await records.RefuseAsync(
                    action, refusal, KmsSubject.Unknown, http.TraceIdentifier, http.Connection.RemoteIpAddress);
            return PrpcReply.Refused(refusal);
        }

        var request = method.NewRequest();
        PrpcPayload.Read(http.Request, body, encoding, request);
        return await method.InvokeAsync(request, caller.Value, http.RequestAborted);
    }

    private string MethodName(HttpContext http)
    {
        var name = (string)http.Request.RouteValues["method"]!;
        while (name.StartsWith(prefix, StringComparison.Ordinal)) name = name[prefix.Length..];
        return name;
    }

    private static async Task<ReadOnlyMemory<byte>> ReadBodyAsync(
        HttpRequest request, int most, CancellationToken stop)
    {
        if (HttpMethods.IsGet(request.Method)) return default;
        var length = request.ContentLength ?? 0;
        if (length > most) throw new PrpcFormatException("payload too large");
        using var body = new MemoryStream((int)length);
        var chunk = new byte[16 * 1024];
        while (await request.Body.ReadAsync(chunk, stop) is > 0 and var read)
        {
            if (body.Length + read > most) throw new PrpcFormatException("payload too large");
            await body.WriteAsync(chunk.AsMemory(0, read), stop);
        }

        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }

    [LoggerMessage(LogLevel.Information, "{Method} refused with {Status}: {Reason} ({RequestId})")]
    private partial void LogRefused(string method, int status, string reason, string requestId);

    [LoggerMessage(LogLevel.Error, "RPC failed ({RequestId})")]
    private partial void LogFault(Exception fault, string requestId);

    [LoggerMessage(LogLevel.Error, "The ledger does not take entries; nothing is released")]
    private partial void LogLedgerUnavailable(Exception fault);
}
