using Broker.Tests.Hosting;

namespace Broker.Tests.Http;

/// <summary>The bearer's grammar (RFC 9110 §11.4, RFC 6750 §2.1) and what a 401 says (RFC 6750 §3).</summary>
public sealed class BearerTests(SharedBroker shared) : IClassFixture<SharedBroker>
{
    private readonly BrokerApp _broker = shared.App;

    [Theory]
    [InlineData("Bearer {0}")]
    [InlineData("bearer {0}")]
    [InlineData("BEARER {0}")]
    [InlineData("bEaReR {0}")]
    [InlineData("Bearer   {0}")]
    public async Task Takes_the_scheme_in_any_case_and_any_number_of_spaces(string header)
    {
        using var wallet = new Wallet();
        var session = await _broker.SignInAsync(wallet);

        (await _broker.PostAsync("/v1/mint-oidc-jwt", headers:
            ("Authorization", header.Replace("{0}", session, StringComparison.Ordinal)))).ShouldBeOk();
    }

    /// <summary>RFC 9728 §5.1.</summary>
    private const string Metadata =
        $", resource_metadata=\"{BrokerApp.Issuer}/.well-known/oauth-protected-resource\"";

    [Theory]
    [InlineData("Bearer x.y.z", "Bearer error=\"invalid_token\"")]
    [InlineData("Bearer eyJhbGciOiJub25lIn0.e30.", "Bearer error=\"invalid_token\"")]
    [InlineData("Bearer opaque-bearer-of-a-backend", "Bearer error=\"invalid_token\"")]
    [InlineData("Basic eDp5", "Bearer")]
    [InlineData(null, "Bearer")]
    public async Task A_bearer_that_does_not_hold_is_called_an_invalid_token(string? header, string challenge)
    {
        var answer = header is null
            ? await _broker.PostAsync("/v1/mint-oidc-jwt")
            : await _broker.PostAsync("/v1/mint-oidc-jwt", headers: ("Authorization", header));

        ((int)answer.Status).ShouldBe(401);
        var separator = challenge == "Bearer" ? " " : ", ";
        answer.Header("WWW-Authenticate").ShouldBe($"{challenge}{separator}{Metadata[2..]}");
    }

    [Fact]
    public async Task An_ended_and_an_expired_session_are_invalid_tokens()
    {
        await using var broker = await BrokerApp.StartAsync();
        using var wallet = new Wallet();
        var ended = await broker.SignInAsync(wallet);
        var expired = await broker.SignInAsync(wallet);
        await broker.PostAsync("/v1/auth/session/end", bearer: ended);
        (await broker.PostAsync("/v1/mint-oidc-jwt", bearer: ended))
            .Header("WWW-Authenticate").ShouldBe($"Bearer error=\"invalid_token\"{Metadata}");

        broker.Clock.Advance(TimeSpan.FromHours(6));
        (await broker.PostAsync("/v1/mint-oidc-jwt", bearer: expired))
            .Header("WWW-Authenticate").ShouldBe($"Bearer error=\"invalid_token\"{Metadata}");
    }

    [Theory]
    [InlineData("/ledger/checkpoint")]
    [InlineData("/ledger/vkey")]
    public async Task Notes_are_served_as_utf8(string path)
    {
        using var wallet = new Wallet();
        await _broker.SignInAsync(wallet);

        (await _broker.GetAsync(path)).ShouldBeOk().Header("Content-Type").ShouldBe("text/plain; charset=utf-8");
    }
}
