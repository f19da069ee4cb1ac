using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Broker.Attestation.Collateral;
using Broker.Attestation.Quotes;
using Broker.Attestation.Tests.Simulation;
using Broker.Attestation.Verification;
using Microsoft.AspNetCore.Http;

namespace Broker.Attestation.Tests.Collateral;

/// <summary>
/// Responses of Intel's service as others stored them: what is signed is cut out to the byte, and the signature
/// holds.
/// </summary>
public class IntelResponseFixtureTests(Simulated simulated) : IClassFixture<Simulated>
{
    public static TheoryData<string> TcbInfoFiles =>
    [
        "tdx_tcb_info.json", "tdx_tcb_info_00806F050000.json", "sgx_tcb_info_00906ED50000.json", "sgx_tcb_info_v3.json",
    ];

    public static TheoryData<string> QeIdentityFiles => ["tdx_qe_identity.json", "sgx_qe_identity.json"];

    [FixtureTheory, MemberData(nameof(TcbInfoFiles))]
    public async Task Cuts_out_the_signed_tcb_info(string file)
    {
        var collateral = await FetchAsync(
            "/tdx/certification/v4/tcb", "TCB-Info-Issuer-Chain",
            Sample(file, "tcb_info_json"), Sample(file, "issuer_chain"));

        ShouldBeSigned(
            file, collateral.TcbInfo, collateral.TcbInfoSignature, collateral.TcbInfoIssuerChain,
            SignedCollateral.TcbInfo);
    }

    [FixtureTheory, MemberData(nameof(QeIdentityFiles))]
    public async Task Cuts_out_the_signed_qe_identity(string file)
    {
        var collateral = await FetchAsync(
            "/tdx/certification/v4/qe/identity", "SGX-Enclave-Identity-Issuer-Chain",
            Sample(file, "enclave_identity_json"), Sample(file, "issuer_chain"));

        ShouldBeSigned(
            file, collateral.QeIdentity, collateral.QeIdentitySignature, collateral.QeIdentityIssuerChain,
            SignedCollateral.QeIdentity);
    }

    private async Task<QuoteCollateral> FetchAsync(string path, string header, string body, string chain)
    {
        await using var service = await CollateralService.StartAsync();
        service.Serve(simulated.Pki.IssueCollateral(Simulated.Now));
        service.Answers[path] = context =>
        {
            context.Response.Headers[header] = Uri.EscapeDataString(chain);
            return context.Response.WriteAsync(body);
        };
        using var client = PccsCollateralOrigin.CreateClient();
        return await new PccsCollateralOrigin(client, new PccsOptions { Address = service.Address })
            .FetchAsync(new CollateralKey(TeeType.Tdx, "00806f050000", PckCa.Platform), CancellationToken.None);
    }

    private static void ShouldBeSigned(
        string file, string text, ReadOnlyMemory<byte> signature, string chain, SignedCollateral kind)
    {
        var expected = Json("expected.json").GetProperty("teepot").GetProperty(file);
        var bytes = Encoding.UTF8.GetBytes(text);
        bytes.Length.ShouldBe(expected.GetProperty("signed_bytes").GetInt32());
        Convert.ToHexStringLower(SHA256.HashData(bytes)).ShouldBe(expected.GetProperty("signed_sha256").GetString());

        var examination = new Examination();
        var rootCrl = File.ReadAllBytes(Fixtures.File("tdx", "crl", "root_20250320_ad6f3f.der"));
        var root = RootAuthority.Examine(examination, TrustAnchors.Intel, rootCrl).ShouldNotBeNull();
        kind.Examine(examination, TrustAnchors.Intel, root, chain, text, signature).ShouldNotBeNull(
            examination.RefusalAt(new DateTimeOffset(2025, 6, 1, 0, 0, 0, TimeSpan.Zero))?.ToString());
    }

    private static string Sample(string file, string member) => Json("teepot", file).GetProperty(member).GetString()!;

    private static JsonElement Json(params string[] parts)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Fixtures.File(["tdx", "pcs", .. parts])));
        return document.RootElement.Clone();
    }
}
