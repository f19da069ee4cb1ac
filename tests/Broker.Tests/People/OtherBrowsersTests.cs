using System.Net;
using Broker.Tests.Hosting;

namespace Broker.Tests.People;

/// <summary>The other browsers in which a person is signed in, and what ending them does.</summary>
public sealed class OtherBrowsersTests
{
    private const string Firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

    private const string Safari =
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        + "Version/18.5 Mobile/15E148 Safari/604.1";

    [Fact]
    public async Task A_browser_lists_the_others_of_its_person_and_ends_one()
    {
        await using var broker = await MailSignIn.StartAsync();
        var desk = new PersonBrowser(broker) { UserAgent = Firefox };
        var phone = new PersonBrowser(broker) { UserAgent = Safari };
        var odd = new PersonBrowser(broker) { UserAgent = "<script>alert(1)</script>" };
        var stranger = new PersonBrowser(broker) { UserAgent = "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Edg/140.0" };
        await desk.SignInByMailAsync(broker);
        await phone.SignInByMailAsync(broker);
        await odd.SignInByMailAsync(broker);
        await stranger.SignInByMailAsync(broker, "mallory@example.org");
        var (ended, kept) = (phone.TokenIn(broker), odd.TokenIn(broker));

        var page = (await desk.OpenAsync("/account")).ShouldBeOk().Text;
        page.ShouldContain("Firefox on Linux: this browser");
        page.ShouldContain("<h3>Safari on iPhone</h3>");
        page.ShouldContain("<h3>a browser</h3>");
        page.ShouldNotContain("Edge on Windows");
        page.ShouldNotContain("alert(1)");
        var end = await desk.SendAsync("/account/sessions/end", ("session_id", Jws.Parse(ended)["jti"]!));

        end.Header("Location").ShouldBe("../../account");
        var row = broker.RowOf(end);
        (row.Kind, row.Outcome).ShouldBe(("session_token", "revoked"));
        row.OutcomeDetail!.ShouldEndWith("was ended by its holder, in another browser");
        (await phone.OpenAsync("/account")).Header("Location").ShouldBe("./sign-in");
        (await broker.PostAsync("/v1/mint-oidc-jwt", bearer: ended))
            .ShouldRefuse(401, "unauthorized", "session_revoked");
        (await broker.PostAsync("/v1/mint-oidc-jwt", bearer: kept)).ShouldBeOk();
        (await desk.OpenAsync("/account")).Text.ShouldNotContain("iPhone");
    }

    [Fact]
    public async Task A_browser_ends_all_others_of_its_person_and_neither_itself_nor_a_strangers()
    {
        await using var broker = await MailSignIn.StartAsync();
        PersonBrowser desk = new(broker), phone = new(broker), odd = new(broker), stranger = new(broker);
        await phone.SignInByMailAsync(broker);
        await odd.SignInByMailAsync(broker);
        await stranger.SignInByMailAsync(broker, "mallory@example.org");
        await desk.SignInByMailAsync(broker);
        var foreign = Jws.Parse(stranger.TokenIn(broker))["jti"]!;
        var own = Jws.Parse(desk.TokenIn(broker))["jti"]!;

        foreach (var id in (string[])[foreign, own, "nothing", ""])
        {
            var refused = await desk.SendAsync("/account/sessions/end", ("session_id", id));
            refused.Status.ShouldBe(HttpStatusCode.BadRequest);
            broker.RowOf(refused).Evidence.ShouldContain("unknown_browser_session");
        }

        (await desk.SendAsync("/account/sessions/end-others")).Status.ShouldBe(HttpStatusCode.SeeOther);

        foreach (var other in (PersonBrowser[])[phone, odd])
            (await other.OpenAsync("/account")).Header("Location").ShouldBe("./sign-in");
        foreach (var signedIn in (PersonBrowser[])[desk, stranger])
            (await signedIn.OpenAsync("/account")).ShouldBeOk();
        (await desk.OpenAsync("/account")).Text.ShouldNotContain("Sign out everywhere else");
    }
}
