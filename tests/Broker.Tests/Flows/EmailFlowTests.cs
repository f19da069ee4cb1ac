using System.Net;
using System.Text.RegularExpressions;
using Broker.Tests.Hosting;

namespace Broker.Tests.Flows;

/// <summary>The acceptance tests <c>email_flow</c> of contract §13, by their names.</summary>
public sealed partial class EmailFlowTests : IAsyncLifetime
{
    private BrokerApp _broker = null!;

    public async Task InitializeAsync() => _broker = await MailSignIn.StartAsync();

    public async Task DisposeAsync() => await _broker.DisposeAsync();

    [Fact]
    public async Task Email_request_returns_request_id_and_polls_pending()
    {
        var requested = (await _broker.RequestLinkAsync()).ShouldBeOk();

        requested["request_id"]!.ShouldMatch("^eml-[0-9a-f]{24}$");
        requested.Number("expires_in_seconds").ShouldBe(600);
        requested["poll_url"].ShouldBe("/v1/auth/email/status/" + requested["request_id"]);
        (await _broker.PollAsync(requested)).ShouldBeOk().Text.ShouldBe("""{"status":"pending"}""");
    }

    [Fact]
    public async Task Full_flow_browser_verify_then_cli_poll_returns_session_jwt()
    {
        var requested = (await _broker.RequestLinkAsync("  Alice@Example.ORG ")).ShouldBeOk();

        var confirmed = (await _broker.ConfirmAsync(_broker.NewestToken(), requested["request_id"])).ShouldBeOk();
        confirmed.Text.ShouldBe("""{"ok":true}""");
        confirmed.Header("Cache-Control").ShouldBe("no-store");
        confirmed.Header("Referrer-Policy").ShouldBe("no-referrer");
        var verified = (await _broker.PollAsync(requested)).ShouldBeOk();

        verified["status"].ShouldBe("verified");
        // Contract §7.6.
        verified["omni_account"].ShouldBe("ee1e0f200af4eadded5d26171dcd618ad0fbcae3381da1cfd900b9c3fd94a3f9");
        var session = Jws.Read(verified, "session_jwt");
        session.Header.GetProperty("kid").GetString().ShouldBe(verified["session_jwt_kid"]);
        session.Claims.GetProperty("exp").GetInt64().ShouldBe(verified.Number("expires_at"));
        var who = session.Claims.GetProperty("agentkeys");
        who.GetProperty("identity_type").GetString().ShouldBe("email");
        who.GetProperty("identity_value").GetString().ShouldBe("alice@example.org");
        who.GetProperty("wallet_address").GetString().ShouldBe("");

        // On record first, and what was issued works: contract §2.6 for an actor without a wallet.
        var row = _broker.RowOf(verified);
        (row.Outcome, row.OutcomeDetail, row.Kind).ShouldBe(("ok", "email_link", "session_token"));
        row.RecordId.ShouldBe(verified["audit_record_id"]);
        var minted = (await _broker.PostAsync("/v1/mint-oidc-jwt", bearer: verified["session_jwt"])).ShouldBeOk();
        minted["wallet"].ShouldBe(verified["omni_account"]);
        (await _broker.PostAsync("/v1/mint-aws-creds", bearer: verified["session_jwt"])).ShouldBeOk();
        _broker.Sts.LastCall["RoleSessionName"]!.ShouldStartWith("agentkeys-ee1e0f200a");
    }

    [Fact]
    public async Task Verify_get_returns_405_method_not_allowed()
    {
        await _broker.RequestLinkAsync();
        var token = _broker.NewestToken();

        var refused = await _broker.GetAsync($"/v1/auth/email/verify?token={token}");

        refused.Status.ShouldBe(HttpStatusCode.MethodNotAllowed);
        refused.Header("Allow").ShouldBe("POST");
        refused.Text.ShouldBe("POST required; GET on this endpoint is rejected to defeat magic-link prefetchers");
        (await _broker.ConfirmAsync(token)).ShouldBeOk();
    }

    [Fact]
    public async Task Replay_token_returns_401()
    {
        var requested = await _broker.RequestLinkAsync();
        (await _broker.ConfirmAsync(_broker.NewestToken())).ShouldBeOk();

        (await _broker.ConfirmAsync(_broker.NewestToken())).ShouldRefuse(401, "unauthorized", "email_link_not_valid");

        (await _broker.PollAsync(requested))["status"].ShouldBe("verified");
    }

    [Fact]
    public async Task Landing_page_serves_html_with_security_headers()
    {
        var page = (await _broker.GetAsync("/auth/email/landing")).ShouldBeOk();

        page.Header("Content-Type").ShouldBe("text/html; charset=utf-8");
        page.Header("Cache-Control").ShouldBe("no-store");
        page.Header("Referrer-Policy").ShouldBe("no-referrer");
        page.Header("X-Content-Type-Options").ShouldBe("nosniff");
        page.Header("X-Frame-Options").ShouldBe("DENY");
        page.Header("Cross-Origin-Opener-Policy").ShouldBe("same-origin");
        page.Text.ShouldStartWith("<!DOCTYPE html>");
        page.Text.ShouldContain("^#t=([A-Za-z0-9_-]+)$");
        page.Text.ShouldContain("history.replaceState");
        page.Text.ShouldContain("Verified — return to your terminal");
        page.Text.ShouldNotContain("://", Case.Sensitive, "nothing is loaded from elsewhere");

        // The policy names a nonce that only this answer has, and all that runs carries it.
        var policy = page.Header("Content-Security-Policy")!;
        var nonce = Nonce().Match(policy).Groups[1].Value;
        nonce.Length.ShouldBe(22);
        policy.ShouldBe(
            $"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
            + "trusted-types 'none'");
        Regex.Count(page.Text, $"<(script|style) nonce=\"{nonce}\">").ShouldBe(2);
        Regex.Count(page.Text, "<(script|style)").ShouldBe(2);
        (await _broker.GetAsync("/auth/email/landing")).Text.ShouldNotContain(nonce);
    }

    [Fact]
    public async Task Verify_with_garbage_token_returns_401()
    {
        foreach (var garbage in (string[])["", "x", new string('A', 43), new string('A', 44), "é", new string('=', 43)])
        {
            var refused = await _broker.ConfirmAsync(garbage);
            refused.ShouldRefuse(401, "unauthorized", "email_link_not_valid");
            _broker.RowOf(refused).Outcome.ShouldBe("auth_failed");
        }
    }

    [Fact]
    public async Task Unknown_request_id_returns_400()
    {
        foreach (var unknown in (string[])["eml-000000000000000000000000", "x", new string('e', 500)])
        {
            (await _broker.GetAsync("/v1/auth/email/status/" + unknown))
                .ShouldRefuse(400, "bad_request", "unknown_request_id")["message"]!
                .ShouldStartWith("bad request: unknown request_id");
        }
    }

    [GeneratedRegex("'nonce-([^']+)'")]
    private static partial Regex Nonce();
}
