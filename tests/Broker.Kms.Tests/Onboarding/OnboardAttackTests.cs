using System.Text;
using Broker.Attestation.Evidence;
using Broker.Foundation.Results;
using Broker.Kms.Authorization;
using Broker.Kms.Configuration;
using Broker.Kms.Keys;
using Broker.Kms.Machine;
using Broker.Kms.Onboarding;
using Broker.Kms.Tests.Rig;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Kms.Tests.Onboarding;

/// <summary>Sources that lie. Whatever they try, no key set comes of it.</summary>
public sealed class OnboardAttackTests : IAsyncLifetime
{
    private static readonly TimeSpan Impatient = TimeSpan.FromSeconds(3);

    private readonly Datacentre _datacentre = new();
    private Guest _sourceMachine = null!;
    private Guest _machine = null!;
    private FakeSource _source = null!;

    public async Task InitializeAsync()
    {
        _sourceMachine = new Guest(_datacentre.NewMachine(), "source");
        _machine = new Guest(_datacentre.NewMachine(), "destination");
        _source = await FakeSource.StartAsync(_sourceMachine);
    }

    [Fact]
    public async Task An_honest_source_gives_its_keys()
    {
        var made = await FetchAsync();

        made.Refusal?.Detail.ShouldBeNull();
        made.Value!.Identity.Roots.Ca.ToPkcs8().ShouldBe(_source.Roots.Ca.ToPkcs8());
        made.Value.Identity.Roots.ExportK256().ShouldBe(_source.Roots.ExportK256());
    }

    [Fact]
    public async Task A_source_without_evidence()
    {
        _source.Certificate = _ => _source.CertificateWith(null, _source.RpcKey);

        (await RefusalAsync()).ShouldEndWith("Source KMS certificate does not contain attestation");
        _source.Methods.ShouldBe(["GetTempCaCert"]);
    }

    [Fact]
    public async Task A_source_with_evidence_for_somebody_elses_key()
    {
        _source.Certificate = _ =>
            _source.CertificateWith(_sourceMachine, P256PrivateKey.Generate(), boundTo: _source.RpcKey);

        (await RefusalAsync()).ShouldEndWith(
            "failed to verify the attestation report presented by the server: report data mismatch");
        _source.Methods.ShouldBe(["GetTempCaCert"]);
    }

    [Fact]
    public async Task Bad_evidence_is_named_even_when_the_source_answers_an_error()
    {
        _source.Certificate = _ => _source.CertificateWith(null, _source.RpcKey);
        _source.Answer = (_, http) =>
        {
            http.Response.StatusCode = 400;
            return Task.CompletedTask;
        };

        (await RefusalAsync()).ShouldStartWith("failed to validate the server attestation of https://");
    }

    [Fact]
    public async Task A_source_over_plain_http()
    {
        await using var plain = await FakeSource.StartAsync(_sourceMachine, tls: false);

        (await RefusalAsync(plain)).ShouldEndWith(": No TLS info in response");
        plain.Methods.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_source_that_swaps_its_certificate_between_the_connections()
    {
        var other = P256PrivateKey.Generate();
        _source.Certificate = connection =>
            _source.CertificateWith(_sourceMachine, connection == 1 ? _source.RpcKey : other);

        (await RefusalAsync()).ShouldStartWith("error sending request for url");
        _source.Methods.ShouldBe(["GetTempCaCert"]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task A_source_that_answers_another_number_of_key_sets(int count)
    {
        AnswerKeys(http => FakeSource.WriteAsync(
            http, FakeSource.Keys(_source.Roots, [.. Enumerable.Repeat(_source.Roots, count)])));

        (await RefusalAsync()).ShouldBe($"Invalid keys: {count} key sets where one belongs");
    }

    [Fact]
    public async Task A_source_whose_root_key_is_not_that_of_its_root_certificate()
    {
        AnswerKeys(http => FakeSource.WriteAsync(http, FakeSource.Keys(_source.Roots, [RootKeys.Generate()])));

        (await RefusalAsync()).ShouldStartWith("Invalid keys: the root CA key is not that of");
    }

    [Fact]
    public async Task A_source_that_shows_two_temp_cas()
    {
        AnswerKeys(http => FakeSource.WriteAsync(http, FakeSource.Keys(RootKeys.Generate(), [_source.Roots])));

        (await RefusalAsync()).ShouldStartWith("Invalid keys: the temp CA key differs");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"temp_ca_key\":\"x\",\"keys\":[{\"ca_key\":\"x\",\"k256_key\":\"00\"}]}")]
    [InlineData("{\"temp_ca_key\":1}")]
    [InlineData("<html>")]
    [InlineData("")]
    public async Task A_source_that_answers_nonsense(string answer)
    {
        AnswerKeys(http => http.Response.WriteAsync(answer));

        (await RefusalAsync()).ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData("{\"error\":\"Boot denied: hunter2\"}", "error={\n  \"error\": \"Boot denied\"\n}")]
    [InlineData("{\"error\":\"hunter2\"}", "error=(see the log and the ledger of the source)")]
    [InlineData("<html>hunter2", "error=(see the log and the ledger of the source)")]
    public async Task A_source_whose_words_are_its_own_is_not_quoted(string answer, string told)
    {
        AnswerKeys(http =>
        {
            http.Response.StatusCode = 400;
            return http.Response.WriteAsync(answer);
        });

        (await RefusalAsync()).ShouldBe($"Request failed with status=400 Bad Request, {told}");
    }

    [Fact]
    public async Task A_source_that_is_slow()
    {
        AnswerKeys(http => Task.Delay(Timeout.Infinite, http.RequestAborted));

        (await RefusalAsync(patience: Impatient)).ShouldEndWith("no usable answer of a KMS");
    }

    [Fact]
    public async Task A_source_whose_answer_trickles()
    {
        AnswerKeys(async http =>
        {
            while (!http.RequestAborted.IsCancellationRequested)
            {
                await http.Response.Body.WriteAsync(" "u8.ToArray(), http.RequestAborted);
                await http.Response.Body.FlushAsync(http.RequestAborted);
                await Task.Delay(100, http.RequestAborted);
            }
        });

        (await RefusalAsync(patience: Impatient)).ShouldEndWith("no usable answer of a KMS");
    }

    [Fact]
    public async Task A_source_whose_answer_is_huge()
    {
        AnswerKeys(http => http.Response.Body.WriteAsync(
            Encoding.ASCII.GetBytes(new string(' ', SourceConnection.MaxAnswerBytes + 1))).AsTask());

        (await RefusalAsync()).ShouldStartWith("error sending request for url");
    }

    [Fact]
    public async Task A_source_that_sends_us_elsewhere()
    {
        _source.Answer = (_, http) =>
        {
            http.Response.Redirect("https://127.0.0.1:1/prpc/GetTempCaCert");
            return Task.CompletedTask;
        };

        (await RefusalAsync()).ShouldStartWith("Request failed with status=302 Found");
    }

    [Theory]
    [InlineData("kms.example.test")]
    [InlineData("ftp://kms.example.test")]
    [InlineData("file:///etc/passwd")]
    [InlineData("")]
    public async Task An_address_that_is_none(string address)
    {
        var made = await Onboarder().FetchAsync(address, "kms.example.test", CancellationToken.None);

        made.Refusal!.Detail.ShouldBe("source_url must be an https:// address");
    }

    [Fact]
    public async Task A_source_that_runs_in_an_expired_machine()
    {
        var expired = new Guest(
            _datacentre.NewMachine(platform => platform with { CertificateExpired = true }), "source");
        _source.Certificate = _ => _source.CertificateWith(expired, _source.RpcKey);

        (await RefusalAsync()).ShouldContain("failed to verify the attestation report presented by the server: ");
    }

    public async Task DisposeAsync()
    {
        await _source.DisposeAsync();
        _datacentre.Dispose();
    }

    private void AnswerKeys(Func<HttpContext, Task> answer) =>
        _source.Answer = (method, http) =>
            method == "GetKmsKey" ? answer(http) : _source.AnswerHonestlyAsync(method, http);

    private SourceKms Onboarder(TimeSpan? patience = null)
    {
        var verifier = new AttestationVerifier(_datacentre.Verifier);
        return new SourceKms(
            new KmsOptions(),
            _machine,
            new SelfIdentity(_machine, verifier, TimeProvider.System),
            verifier,
            new DevAuthority(""),
            TimeProvider.System,
            NullLogger<SourceKms>.Instance)
        {
            Timeout = patience ?? TimeSpan.FromMinutes(1),
        };
    }

    private Task<Result<NewIdentity>> FetchAsync(FakeSource? source = null, TimeSpan? patience = null) =>
        Onboarder(patience)
            .FetchAsync((source ?? _source).Address.ToString(), "kms.example.test", CancellationToken.None);

    private async Task<string> RefusalAsync(FakeSource? source = null, TimeSpan? patience = null)
    {
        var made = await FetchAsync(source, patience);
        made.IsRefused.ShouldBeTrue();
        return made.Refusal!.Detail;
    }
}
