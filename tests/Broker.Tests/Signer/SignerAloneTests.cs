using System.Net;
using Broker.Foundation.Settings;
using Broker.Tests.Agents;
using Broker.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Broker.Tests.Signer;

/// <summary>
/// A process with the signer and no broker: it has the public half of the session key, and asks the broker whether a
/// session still holds.
/// </summary>
public sealed class SignerAloneTests : IAsyncLifetime
{
    private const string Master = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    private readonly TemporaryFolder _folder = new();
    private readonly Wallet _wallet = new();
    private readonly Device _device = new();
    private BrokerApp _issuer = null!, _signer = null!;
    private string _session = "";

    public async Task InitializeAsync()
    {
        _issuer = await BrokerApp.StartAsync(
            ("BROKER_MODULES", "broker,signer"), ("BROKER_SIGNER_PORT", "0"), ("DEV_KEY_SERVICE_MASTER_SECRET", Master));
        _session = await _issuer.SignInAsync(_wallet);
        using var key = Jws.KeyOf(Path.Combine(_issuer.DataFolder, "session-keypair.json"));
        await File.WriteAllTextAsync(_folder.File("session.pem"), key.ExportSubjectPublicKeyInfoPem());
        _signer = await StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _signer.DisposeAsync();
        await _issuer.DisposeAsync();
        foreach (var one in (IDisposable[])[_folder, _wallet, _device]) one.Dispose();
    }

    [Fact]
    public async Task It_signs_as_the_one_beside_the_broker_does_and_keeps_a_ledger_of_its_own()
    {
        var signed = (await SignAsync(_signer, _session)).ShouldBeOk();
        var beside = (await SignAsync(_issuer, _session)).ShouldBeOk();

        signed["signature"].ShouldBe(beside["signature"]);
        signed["address"].ShouldBe(beside["address"]);
        var row = _signer.RowOf(signed);
        (row.Kind, row.ActorOmni, row.Outcome).ShouldBe(("wallet_signature", _wallet.Omni, "ok"));
        _issuer.MintLog().ShouldNotContain(other => other.RecordId == row.RecordId);
        _signer.RoutePatterns.ShouldNotContain(
            route => route.Pattern.StartsWith("/v1/", StringComparison.Ordinal)
                && !route.Pattern.StartsWith("/v1/ledger", StringComparison.Ordinal));
        File.Exists(Path.Combine(_signer.DataFolder, "session-keypair.json")).ShouldBeFalse();
        (await _signer.GetAsync($"{_signer.Listener(1)}healthz")).ShouldBeOk().Text.ShouldBe("ok");
        (await _signer.GetAsync("/readyz")).ShouldBeOk();
    }

    [Fact]
    public async Task An_ended_session_signs_nothing_more()
    {
        (await SignAsync(_signer, _session)).ShouldBeOk();
        ((int)(await _issuer.PostAsync("/v1/auth/session/end", bearer: _session)).Status).ShouldBe(204);

        (await SignAsync(_signer, _session)).ShouldRefuse(HttpStatusCode.Unauthorized, "session_revoked");
    }

    [Fact]
    public async Task Strangers_agents_and_sessions_past_their_end_are_refused()
    {
        await using var elsewhere = await BrokerApp.StartAsync();
        elsewhere.Clock.AdjustTime(_issuer.Clock.Now);
        (await SignAsync(_signer, await elsewhere.SignInAsync(_wallet)))
            .ShouldRefuse(HttpStatusCode.Unauthorized, "invalid_bearer");
        (await SignAsync(_signer, "an opaque one")).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await SignAsync(_signer, null)).ShouldRefuse(HttpStatusCode.Unauthorized, "missing_bearer");
        var agents = await _issuer.PairAsync(_device, _session);
        var agent = Jws.Parse(agents).Claims.GetProperty("agentkeys").GetProperty("omni_account").GetString();
        (await SignAsync(_signer, agents, agent)).ShouldRefuse(HttpStatusCode.Forbidden, "signer_not_for_agents");

        _signer.Clock.Advance(TimeSpan.FromDays(1));
        (await SignAsync(_signer, _session)).ShouldRefuse(HttpStatusCode.Unauthorized, "session_expired");
        _signer.MintLog().ShouldNotContain(row => row.Kind == "wallet_signature" && row.Outcome == "ok");
    }

    [Fact]
    public async Task Where_nobody_says_that_the_session_holds_nothing_is_signed()
    {
        await using var odd = Peers.NewServer();
        odd.MapPost("/", () => Results.Text("<html>"));
        await odd.StartAsync();
        string[] places = [Peers.DeadUrl, odd.Urls.First(), $"{_issuer.Address}v1/nothing"];
        foreach (var place in places)
        {
            await using var signer = await StartAsync(("BROKER_INTROSPECTION_URL", place));
            (await SignAsync(signer, _session))
                .ShouldRefuse(HttpStatusCode.ServiceUnavailable, "broker_unreachable")
                .Header("Retry-After").ShouldNotBeNull(place);
            signer.MintLog().ShouldNotContain(row => row.Kind == "wallet_signature" && row.Outcome == "ok");
        }
    }

    [Fact]
    public async Task The_start_says_what_it_lacks()
    {
        foreach (var (variable, reason) in ((string, string)[])
                 [
                     ("BROKER_OIDC_ISSUER", "whose sessions the signer takes"),
                     ("BROKER_SESSION_PUBKEY_PATH", "missing required variable"),
                 ])
        {
            var failed = await Should.ThrowAsync<BootFailException>(() => StartAsync((variable, "")));
            failed.Line.ShouldContain(variable);
            failed.Line.ShouldContain(reason);
        }

        // Like every bad value, with all the others at once.
        var both = await Should.ThrowAsync<BootFailException>(
            () => StartAsync(("BROKER_INTROSPECTION_URL", "broker"), ("BROKER_SIGNER_PORT", "70000")));
        both.Line.ShouldContain("BROKER_INTROSPECTION_URL");
        both.Line.ShouldContain("BROKER_SIGNER_PORT");
    }

    private Task<Answer> SignAsync(BrokerApp signer, string? session, string? omni = null) => signer.PostRawAsync(
        $"{signer.Listener(1)}dev/sign-message",
        $$"""{"omni_account":"{{omni ?? _wallet.Omni}}","message_hex":"0x68656c6c6f"}""", session);

    private async Task<BrokerApp> StartAsync(params (string Name, string Value)[] settings)
    {
        var signer = await BrokerApp.StartWithAsync(
            BrokerModules.SignerWithoutBroker,
            [
                ("BROKER_MODULES", "signer"), ("BROKER_SIGNER_PORT", "0"), ("DEV_KEY_SERVICE_MASTER_SECRET", Master),
                ("BROKER_SESSION_PUBKEY_PATH", _folder.File("session.pem")),
                ("BROKER_INTROSPECTION_URL", $"{_issuer.Address}oauth/introspect"),
                ("BROKER_DATA_ROLE_ARN", ""), ("BROKER_VAULT_ROLE_ARN", ""), .. settings,
            ]);
        signer.Clock.AdjustTime(_issuer.Clock.Now);
        return signer;
    }
}
