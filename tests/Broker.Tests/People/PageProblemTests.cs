using System.Net;
using Broker.Tests.Hosting;

namespace Broker.Tests.People;

/// <summary>Whatever goes wrong on a page is told on a page, with the status that it has everywhere.</summary>
public sealed class PageProblemTests
{
    [Theory]
    [InlineData("BEGIN IMMEDIATE", "1", HttpStatusCode.ServiceUnavailable)]
    [InlineData("BEGIN EXCLUSIVE", "30", HttpStatusCode.InternalServerError)]
    public async Task A_ledger_that_cannot_write_is_told_on_a_page_and_the_form_can_be_sent_again(
        string fault, string timeout, HttpStatusCode status)
    {
        await using var broker = await MailSignIn.StartAsync(("BROKER_LEDGER_TIMEOUT_SECONDS", timeout));
        var person = new PersonBrowser(broker);
        await person.OpenAsync("/sign-in");
        await person.SendAsync("/sign-in/mail", ("email", "alice@example.org"));
        (await broker.ConfirmAsync(broker.NewestToken())).ShouldBeOk();

        Answer failed;
        using (DatabaseLock.Hold(broker.LedgerFile, fault)) failed = await person.SendAsync("/sign-in/finish");

        ShouldBePage(failed, status, "That was not done");
        (failed.Header("Retry-After") is not null).ShouldBe(status == HttpStatusCode.ServiceUnavailable);
        failed.Header("Set-Cookie").ShouldBeNull();
        failed.Text.ShouldContain("href=\"../sign-in\"");
        (await person.SendAsync("/sign-in/finish")).Header("Location").ShouldBe("../account");

        (await broker.PostAsync(
            "/v1/wallet/link", new { identity_type = "email", identity_value = "alice@home.example" },
            person.TokenIn(broker))).ShouldBeOk();
        await person.OpenAsync("/account");
        (string, string)[] fields = [("identity_type", "email"), ("identity_value", "alice@home.example")];
        using (DatabaseLock.Hold(broker.LedgerFile, fault))
            ShouldBePage(await person.SendAsync("/account/links/unlink", fields), status, "That was not done");

        (await person.OpenAsync("/account")).Text.ShouldContain("Unlink alice@home.example");
    }

    [Fact]
    public async Task What_a_script_of_a_page_asks_for_is_refused_as_JSON()
    {
        await using var broker = await MailSignIn.StartAsync(("BROKER_AUTH_METHODS", "wallet_sig,email_link,passkey"));
        var person = new PersonBrowser(broker);
        await person.SignInByMailAsync(broker);

        (await broker.PostAsync("/account/passkeys/start", new { }, null, ("Cookie", person.Cookie!)))
            .ShouldRefuse(403, "forbidden", "form_not_valid");
        (await broker.PostAsync("/account/passkeys/add", new { }, null, ("Cookie", person.Cookie!)))
            .ShouldRefuse(403, "forbidden", "form_not_valid");
        (await broker.PostAsync(
                "/account/passkeys/add", new { }, null, ("Cookie", person.Cookie!), ("X-Form-Token", person.FormToken)))
            .Status.ShouldBe(HttpStatusCode.BadRequest);
        var asked = (await broker.PostAsync(
            "/account/passkeys/start", new { }, null, ("Cookie", person.Cookie!),
            ("X-Form-Token", person.FormToken))).ShouldBeOk();
        asked["account"].ShouldBe(
            Jws.Parse(person.TokenIn(broker)).Claims.GetProperty("agentkeys").GetProperty("omni_account").GetString());
    }

    [Fact]
    public async Task A_budget_that_is_spent_and_a_body_that_is_too_large_are_told_on_a_page()
    {
        await using var broker = await MailSignIn.StartAsync(
            ("BROKER_REFUSALS_PER_MINUTE_PER_SOURCE", "1"), ("BROKER_REQUEST_BODY_LIMIT_BYTES", "2048"));
        var person = new PersonBrowser(broker);
        await person.OpenAsync("/sign-in");

        ShouldBePage(
            await person.SendAsync("/sign-in/mail", ("email", new string('a', 4096))),
            HttpStatusCode.RequestEntityTooLarge, "That was not done");
        ShouldBePage(
            await person.SendAsync("/sign-in/finish"), HttpStatusCode.BadRequest, "That was not done");
        var tooMany = await person.SendAsync("/sign-in/finish");
        ShouldBePage(tooMany, HttpStatusCode.TooManyRequests, "That was not done");
        int.Parse(tooMany.Header("Retry-After")!).ShouldBePositive();
    }

    private static void ShouldBePage(Answer answer, HttpStatusCode status, string heading)
    {
        answer.Status.ShouldBe(status);
        answer.Header("Content-Type").ShouldBe("text/html; charset=utf-8");
        answer.Header("Content-Security-Policy")!.ShouldContain("default-src 'none'");
        answer.Text.ShouldContain($"<h1>{heading}</h1>");
        answer.Text.ShouldContain(answer.RequestId!);
    }
}
