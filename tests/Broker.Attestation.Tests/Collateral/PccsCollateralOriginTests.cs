using System.Text.Json;
using Broker.Attestation.Collateral;
using Broker.Attestation.Quotes;
using Broker.Attestation.Tests.Simulation;
using Broker.Attestation.Verification;
using Microsoft.AspNetCore.Http;

namespace Broker.Attestation.Tests.Collateral;

public class PccsCollateralOriginTests(Simulated simulated) : IClassFixture<Simulated>
{
    private static readonly CollateralKey Key = new(TeeType.Tdx, "51b000000000", PckCa.Platform);

    [Fact]
    public async Task Fetches_what_the_service_has_byte_for_byte()
    {
        await using var service = await CollateralService.StartAsync();
        var served = simulated.Pki.IssueCollateral(Simulated.Now);
        service.Serve(served);

        var fetched = await Source(service).FetchAsync(Key, CancellationToken.None);

        QuoteCollateralJson.Write(fetched).ShouldBe(QuoteCollateralJson.Write(served));
        service.Asked.Order(StringComparer.Ordinal).ShouldBe(
        [
            "/sgx/certification/v4/pckcrl?ca=platform&encoding=der", "/sgx/certification/v4/rootcacrl",
            "/tdx/certification/v4/qe/identity", "/tdx/certification/v4/tcb?fmspc=51B000000000",
        ]);
    }

    [Fact]
    public async Task Judges_a_quote_with_what_it_fetched()
    {
        await using var service = await CollateralService.StartAsync();
        service.Serve(simulated.Pki.IssueCollateral(Simulated.Now));
        var verifier = new CollateralBackedVerifier(simulated.Anchors, Source(service));

        (await verifier.VerifyAsync(QuoteParser.Parse(simulated.Quote()), Simulated.Now, CancellationToken.None))
            .ShouldBeOfType<VerifiedQuote>();
    }

    [Fact]
    public async Task Asks_nothing_for_a_quote_of_another_root()
    {
        await using var service = await CollateralService.StartAsync();
        var verifier = new CollateralBackedVerifier(TrustAnchors.Intel, Source(service));

        var verdict = await verifier.VerifyAsync(QuoteParser.Parse(simulated.Quote()), Simulated.Now, CancellationToken.None);

        verdict.ShouldBeOfType<RefusedQuote>().Refusal.Reason.ShouldBe(QuoteRefusalReason.PckChain);
        service.Asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task Without_collateral_there_is_a_refusal_and_no_pass()
    {
        await using var service = await CollateralService.StartAsync();
        var verifier = new CollateralBackedVerifier(simulated.Anchors, Source(service));

        var verdict = await verifier.VerifyAsync(QuoteParser.Parse(simulated.Quote()), Simulated.Now, CancellationToken.None);

        verdict.ShouldBeOfType<RefusedQuote>().Refusal.Reason.ShouldBe(QuoteRefusalReason.Input);
    }

    [Fact]
    public async Task Accepts_the_header_name_of_older_services()
    {
        await using var service = await CollateralService.StartAsync();
        var served = simulated.Pki.IssueCollateral(Simulated.Now);
        service.Serve(served);
        var tcb = service.Answers["/tdx/certification/v4/tcb"];
        service.Answers["/tdx/certification/v4/tcb"] = context =>
        {
            context.Response.OnStarting(() =>
            {
                context.Response.Headers["SGX-TCB-Info-Issuer-Chain"] =
                    context.Response.Headers["TCB-Info-Issuer-Chain"];
                context.Response.Headers.Remove("TCB-Info-Issuer-Chain");
                return Task.CompletedTask;
            });
            return tcb(context);
        };

        (await Source(service).FetchAsync(Key, CancellationToken.None)).TcbInfoIssuerChain
            .ShouldBe(served.TcbInfoIssuerChain);
    }

    [Theory]
    [InlineData("/sgx/certification/v4/rootcacrl")]
    [InlineData("/sgx/certification/v4/pckcrl")]
    [InlineData("/tdx/certification/v4/tcb")]
    [InlineData("/tdx/certification/v4/qe/identity")]
    public async Task Refuses_a_service_that_lacks_a_part_or_redirects_or_answers_nonsense_or_too_much(string path)
    {
        await using var service = await CollateralService.StartAsync();
        Func<HttpContext, Task>[] faults =
        [
            context => { context.Response.StatusCode = 404; return Task.CompletedTask; },
            context => { context.Response.Redirect("http://127.0.0.1:1/"); return Task.CompletedTask; },
            context => context.Response.WriteAsync("no collateral"),
            context => context.Response.WriteAsync(new string('3', 2 * 1024 * 1024)),
        ];

        foreach (var fault in faults)
        {
            service.Serve(simulated.Pki.IssueCollateral(Simulated.Now));
            service.Answers[path] = fault;

            await Should.ThrowAsync<CollateralUnavailableException>(
                () => Source(service).FetchAsync(Key, CancellationToken.None));
        }
    }

    [Fact]
    public async Task Gives_up_on_a_service_that_does_not_answer()
    {
        await using var service = await CollateralService.StartAsync();
        service.Serve(simulated.Pki.IssueCollateral(Simulated.Now));
        service.Answers["/tdx/certification/v4/tcb"] =
            context
                => Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        using var client = PccsCollateralOrigin.CreateClient();
        var source = new PccsCollateralOrigin(
            client, new PccsOptions { Address = service.Address, Timeout = TimeSpan.FromMilliseconds(200) });

        var fault = await Should.ThrowAsync<CollateralUnavailableException>(
            () => source.FetchAsync(Key, CancellationToken.None));

        fault.Message.ShouldContain("no answer");
    }

    [Theory]
    [InlineData("no connection")]
    [InlineData("answered 404")]
    [InlineData("not the JSON of a signed tcbInfo")]
    [InlineData("neither DER nor hex")]
    public async Task Tells_nobody_what_stands_in_the_address_or_what_the_service_said(string why)
    {
        await using var service = await CollateralService.StartAsync();
        service.Serve(simulated.Pki.IssueCollateral(Simulated.Now));
        var wrong = why.EndsWith("hex", StringComparison.Ordinal) ? "/sgx/certification/v4/pckcrl"
            : "/tdx/certification/v4/tcb";
        service.Answers[wrong] = async context =>
        {
            if (why.StartsWith("answered", StringComparison.Ordinal)) context.Response.StatusCode = 404;
            context.Response.Headers["SGX-PCK-CRL-Issuer-Chain"] = "x";
            await context.Response.WriteAsync("internal detail");
        };
        var host = why == "no connection" ? "127.0.0.1:1" : service.Address.Authority;
        using var client = PccsCollateralOrigin.CreateClient();
        var source = new PccsCollateralOrigin(
            client, new PccsOptions { Address = new Uri($"http://user:pa55@{host}/?token=t0ken") });

        var fault = await Should.ThrowAsync<CollateralUnavailableException>(
            () => source.FetchAsync(Key, CancellationToken.None));

        fault.Message.ShouldStartWith($"http://{host}/");
        fault.Message.ShouldEndWith($": {why}");
    }

    [Fact]
    public async Task Refuses_a_signed_answer_with_a_name_twice()
    {
        await using var service = await CollateralService.StartAsync();
        service.Serve(simulated.Pki.IssueCollateral(Simulated.Now));
        service.Answers["/tdx/certification/v4/tcb"] =
            context => context.Response.WriteAsync("""{"tcbInfo":{"a":1,"a":2},"signature":"00"}""");

        var fault = await Should.ThrowAsync<CollateralUnavailableException>(
            () => Source(service).FetchAsync(Key, CancellationToken.None));

        fault.Message.ShouldEndWith(": not the JSON of a signed tcbInfo");
    }

    [FixtureFact]
    public async Task Takes_intels_own_answers_with_their_headers()
    {
        await using var service = await CollateralService.StartAsync();
        byte[] Sample(string name) => File.ReadAllBytes(Fixtures.File("tdx", "pcs", "go-tdx-guest", name));
        using var headers = JsonDocument.Parse(Sample("response_headers.json"));
        void Answer(string path, string sample, string? header) => service.Answers[path] = context =>
        {
            if (header is not null)
            {
                context.Response.Headers[header] =
                    headers.RootElement.GetProperty(header).GetProperty("raw_header_value").GetString();
            }

            return context.Response.Body.WriteAsync(Sample(sample)).AsTask();
        };
        Answer("/root.der", "rootcrl.der", null);
        Answer("/sgx/certification/v4/pckcrl", "pckcrl", "SGX-PCK-CRL-Issuer-Chain");
        Answer("/tdx/certification/v4/tcb", "sample_tcbInfo_response", "TCB-Info-Issuer-Chain");
        Answer("/tdx/certification/v4/qe/identity", "sample_qeIdentity_response", "SGX-Enclave-Identity-Issuer-Chain");
        using var client = PccsCollateralOrigin.CreateClient();
        var source = new PccsCollateralOrigin(
            client,
            new PccsOptions { Address = service.Address, RootCrlAddress = new Uri(service.Address, "/root.der") });

        var collateral = await source.FetchAsync(Key with { Fmspc = "50806f000000" }, CancellationToken.None);

        collateral.TcbInfoIssuerChain.ShouldBe(
            headers.RootElement.GetProperty("TCB-Info-Issuer-Chain").GetProperty("decoded_pem").GetString());
        var prepared = new QuoteVerifier(TrustAnchors.Intel).Prepare(collateral, TeeType.Tdx);
        prepared.RefusalAt(new DateTimeOffset(2023, 6, 28, 0, 0, 0, TimeSpan.Zero)).ShouldBeNull();
    }

    private static PccsCollateralOrigin Source(CollateralService service)
        => new(PccsCollateralOrigin.CreateClient(), new PccsOptions { Address = service.Address });
}
