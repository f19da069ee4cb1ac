using Broker.Attestation.Quotes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Broker.Attestation.Tests.Collateral;

/// <summary>
/// An HTTP peer on 127.0.0.1 that answers as the test says, path by path, and remembers what it was asked.
/// </summary>
internal sealed class CollateralService : IAsyncDisposable
{
    private readonly WebApplication _app;

    private CollateralService(WebApplication app) => _app = app;

    public Dictionary<string, Func<HttpContext, Task>> Answers { get; } = new(StringComparer.Ordinal);

    public List<string> Asked { get; } = [];

    public Uri Address => new(_app.Urls.Single());

    public static async Task<CollateralService> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var service = new CollateralService(builder.Build());
        service._app.Run(async context =>
        {
            lock (service.Asked) service.Asked.Add(context.Request.Path + context.Request.QueryString);
            if (service.Answers.TryGetValue(context.Request.Path.Value!, out var answer)) await answer(context);
            else context.Response.StatusCode = StatusCodes.Status404NotFound;
        });
        await service._app.StartAsync();
        return service;
    }

    /// <summary>Serves a collateral as a PCCS does.</summary>
    public void Serve(QuoteCollateral collateral)
    {
        Answers["/sgx/certification/v4/rootcacrl"] =
            context => context.Response.WriteAsync(Convert.ToHexStringLower(collateral.RootCaCrl.Span));
        Answers["/sgx/certification/v4/pckcrl"] = context =>
        {
            context.Response.Headers["SGX-PCK-CRL-Issuer-Chain"] = Uri.EscapeDataString(collateral.PckCrlIssuerChain);
            return context.Response.Body.WriteAsync(collateral.PckCrl).AsTask();
        };
        Answers["/tdx/certification/v4/tcb"] = context =>
        {
            context.Response.Headers["TCB-Info-Issuer-Chain"] = Uri.EscapeDataString(collateral.TcbInfoIssuerChain);
            return context.Response.WriteAsync(Signed("tcbInfo", collateral.TcbInfo, collateral.TcbInfoSignature));
        };
        Answers["/tdx/certification/v4/qe/identity"] = context =>
        {
            context.Response.Headers["SGX-Enclave-Identity-Issuer-Chain"] =
                Uri.EscapeDataString(collateral.QeIdentityIssuerChain);
            return context.Response.WriteAsync(
                Signed("enclaveIdentity", collateral.QeIdentity, collateral.QeIdentitySignature));
        };
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private static string Signed(string name, string text, ReadOnlyMemory<byte> signature)
        => $$"""{"{{name}}":{{text}},"signature":"{{Convert.ToHexStringLower(signature.Span)}}"}""";
}
