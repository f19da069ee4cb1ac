using System.Net;
using Broker.People;
using Broker.Tests.Hosting;

namespace Broker.Tests.People;

/// <summary>A person's entries on the account page, and the page of one of them with its receipt.</summary>
public sealed class AccountEntriesTests
{
    [Fact]
    public async Task Credentials_and_other_changes_are_two_lists_and_neither_holds_a_proof()
    {
        await using var broker = await MailSignIn.StartAsync();
        var person = new PersonBrowser(broker);
        await person.SignInByMailAsync(broker);
        var token = person.TokenIn(broker);
        var minted = (await broker.PostAsync("/v1/mint-oidc-jwt", bearer: token)).ShouldBeOk();
        var claim = new { identity_type = "email", identity_value = "alice@home.example" };
        var claimed = (await broker.PostAsync("/v1/wallet/link", claim, token)).ShouldBeOk();
        var refused = await broker.PostAsync("/v1/grant/revoke", new { grant_id = "none" }, token);

        var page = (await person.OpenAsync("/account")).ShouldBeOk().Text;

        var at = page.IndexOf(">Other changes<", StringComparison.Ordinal);
        var (credentials, changes) = (page[..at], page[at..]);
        credentials.ShouldContain("OIDC token: ok");
        credentials.ShouldContain("Session: ok");
        credentials.ShouldContain(broker.RowOf(minted).RecordId);
        foreach (var other in (Answer[])[claimed, refused])
        {
            changes.ShouldContain(broker.RowOf(other).RecordId);
            credentials.ShouldNotContain(broker.RowOf(other).RecordId);
        }

        changes.ShouldNotContain("OIDC token");
        page.ShouldNotContain("tlog-proof");
    }

    [Fact]
    public async Task An_entrys_page_has_its_receipt_for_its_own_actor_and_for_nobody_else()
    {
        await using var broker = await MailSignIn.StartAsync();
        PersonBrowser person = new(broker), other = new(broker);
        await person.SignInByMailAsync(broker);
        await other.SignInByMailAsync(broker, "mallory@example.org");
        var minted = (await broker.PostAsync("/v1/mint-oidc-jwt", bearer: person.TokenIn(broker))).ShouldBeOk();
        var path = $"/account/entries/{broker.RowOf(minted).RecordId}";
        var receipt = await broker.GetAsync(
            $"/v1/ledger/entries/{broker.RowOf(minted).RecordId}/receipt",
            ("Authorization", $"Bearer {person.TokenIn(broker)}"));

        var own = WebUtility.HtmlDecode((await person.OpenAsync(path)).ShouldBeOk().Text);
        var foreign = await other.OpenAsync(path);
        var unknown = await person.OpenAsync("/account/entries/01ARZ3NDEKTSV4RRFFQ69G5FAV");

        own.ShouldContain(receipt.ShouldBeOk().Text.TrimEnd());
        own.ShouldNotContain("eyJ");
        foreach (var nothing in (Answer[])[foreign, unknown])
        {
            nothing.Status.ShouldBe(HttpStatusCode.NotFound);
            nothing.Header("Content-Type").ShouldBe("text/html; charset=utf-8");
            nothing.Text.ShouldContain("you have no such entry");
        }

        (await broker.GetAsync(path)).Header("Location").ShouldBe("../../sign-in");
    }

    [Fact]
    public async Task A_person_who_looks_too_often_is_told_so_on_a_page_and_others_are_not()
    {
        await using var broker = await MailSignIn.StartAsync();
        PersonBrowser person = new(broker), other = new(broker);
        await person.SignInByMailAsync(broker);
        await other.SignInByMailAsync(broker, "bob@example.org");
        for (var n = 1; n < AccountLimit.Looks; n++) (await person.OpenAsync("/account")).ShouldBeOk();

        var refused = await person.OpenAsync("/account");

        refused.Status.ShouldBe(HttpStatusCode.TooManyRequests);
        refused.Header("Content-Type").ShouldBe("text/html; charset=utf-8");
        int.Parse(refused.Header("Retry-After")!).ShouldBePositive();
        refused.Text.ShouldContain("This page cannot be shown");
        (await other.OpenAsync("/account")).ShouldBeOk();
        broker.Clock.Advance(TimeSpan.FromMinutes(1));
        (await person.OpenAsync("/account")).ShouldBeOk();
    }
}
