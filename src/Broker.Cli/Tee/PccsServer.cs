using System.Globalization;
using System.Net;
using Broker.Attestation.Quotes;
using Broker.Attestation.Simulation;
using Broker.Cli.Terminal;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Broker.Cli.Tee;

/// <summary>
/// A collateral service with the routes and headers of Intel's PCCS, version 4, on 127.0.0.1. It serves every machine
/// of one hierarchy; each answer is signed when it is asked for, so a revocation shows at once.
/// </summary>
internal static class PccsServer
{
    public static async Task<WebApplication> StartAsync(
        SimulatedPki pki, string pkiFolder, int port, TimeProvider time, CancellationToken stop)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        var app = builder.Build();

        QuoteCollateral Issue() => pki.IssueCollateral(time.GetUtcNow(), SimulatedPki.RevokedSerials(pkiFolder));
        app.MapGet(
            "/sgx/certification/v4/rootcacrl", () => Results.Text(Convert.ToHexStringLower(Issue().RootCaCrl.Span)));
        app.MapGet("/sgx/certification/v4/pckcrl", (HttpContext context, string? ca, string? encoding) =>
        {
            if (ca != "platform") return Results.NotFound();
            var collateral = Issue();
            WriteChain(context, "SGX-PCK-CRL-Issuer-Chain", collateral.PckCrlIssuerChain);
            return encoding == "der"
                ? Results.Bytes(collateral.PckCrl, "application/pkix-crl")
                : Results.Text(Convert.ToHexStringLower(collateral.PckCrl.Span));
        });
        app.MapGet("/tdx/certification/v4/tcb", (HttpContext context, string? fmspc) =>
        {
            if (!Convert.ToHexString(SimulatedPlatform.Fmspc.Span).Equals(fmspc, StringComparison.OrdinalIgnoreCase))
            {
                return Results.NotFound();
            }

            var collateral = Issue();
            WriteChain(context, "TCB-Info-Issuer-Chain", collateral.TcbInfoIssuerChain);
            return Signed("tcbInfo", collateral.TcbInfo, collateral.TcbInfoSignature);
        });
        app.MapGet("/tdx/certification/v4/qe/identity", (HttpContext context) =>
        {
            var collateral = Issue();
            WriteChain(context, "SGX-Enclave-Identity-Issuer-Chain", collateral.QeIdentityIssuerChain);
            return Signed("enclaveIdentity", collateral.QeIdentity, collateral.QeIdentitySignature);
        });

        try
        {
            await app.StartAsync(stop);
        }
        catch (IOException fault)
        {
            throw new CommandFailedException(
                string.Create(CultureInfo.InvariantCulture, $"port {port}: {fault.Message}"), cause: fault);
        }

        return app;
    }

    private static void WriteChain(HttpContext context, string header, string chain)
        => context.Response.Headers[header] = Uri.EscapeDataString(chain);

    /// <summary>The signed text goes out as it is: parsing and writing it again would break its signature.</summary>
    private static IResult Signed(string name, string text, ReadOnlyMemory<byte> signature) => Results.Text(
        $$"""{"{{name}}":{{text}},"signature":"{{Convert.ToHexStringLower(signature.Span)}}"}""", "application/json");
}
