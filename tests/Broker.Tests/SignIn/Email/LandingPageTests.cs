using System.Text.Json;
using Broker.Tests.Hosting;
using Broker.Tests.People;

namespace Broker.Tests.SignIn.Email;

/// <summary>
/// A real browser goes from the mail to the page and confirms, as a person does; an accessibility checker looks at
/// every state. Screenshots are kept in <c>artifacts/pages</c>.
/// </summary>
public sealed class LandingPageTests
{
    [Fact]
    public async Task A_person_confirms_in_a_browser_and_the_client_is_signed_in()
    {
        await using var broker = await MailSignIn.StartAsync();
        await using var leading = await MailSignIn.StartAsync(
            ("BROKER_EMAIL_SUCCESS_REDIRECT_URL", $"{broker.Address}healthz"));
        await leading.RequestLinkAsync();
        var redirected = $"{leading.Address}auth/email/landing#t={leading.NewestToken()}";
        var folder = Path.Combine(Fixtures.RepositoryRoot, "artifacts", "pages");
        Directory.CreateDirectory(folder);
        var asked = new List<Answer>();
        var links = new List<string>();
        for (var n = 0; n < 6; n++)
        {
            asked.Add((await broker.RequestLinkAsync(label: "Alice’s <laptop>")).ShouldBeOk());
            links.Add($"{broker.Address}auth/email/landing#t={broker.NewestToken()}");
        }

        var onPage = new PersonBrowser(broker);
        await onPage.OpenAsync("/sign-in");
        await onPage.SendAsync("/sign-in/mail", ("email", "alice@example.org"));
        var paged = $"{broker.Address}auth/email/landing#t={broker.NewestToken()}";

        var seen = await Npm.RunAsync(
            "landing.mjs",
            new { links = links[..4], raced = links[4], paged, scriptless = links[5], redirected, folder }, "browser");

        Texts(seen, "problems").ShouldBeEmpty();
        Texts(seen, "findings").ShouldBeEmpty();
        ShouldHaveAsked(seen, asked, broker.Address);
        foreach (var done in seen.GetProperty("done").EnumerateArray())
        {
            done.GetProperty("text").GetString().ShouldBe("Verified — return to your terminal");
            done.GetProperty("focus").GetString().ShouldBe("result");
            done.GetProperty("buttons").GetInt32().ShouldBe(0);
        }

        foreach (var again in seen.GetProperty("again").EnumerateArray())
        {
            again.GetProperty("text").GetString()!.ShouldStartWith("This link is not valid: it was used already");
            again.GetProperty("buttons").GetInt32().ShouldBe(0);
        }

        Texts(seen, "raced").Count(text => text.StartsWith("Verified", StringComparison.Ordinal)).ShouldBe(1);
        Texts(seen, "raced").Count(text => text.Contains("not valid", StringComparison.Ordinal)).ShouldBe(1);
        seen.GetProperty("empty").GetString()!.ShouldStartWith("This address holds no sign-in link.");

        // Who began on the broker's own page is led back to it, not to a terminal.
        var own = seen.GetProperty("paged");
        own.GetProperty("note").GetString()!.ShouldContain("the one that the page where you began shows");
        own.GetProperty("text").GetString().ShouldBe("Verified — go back to the page where you began");
        own.GetProperty("onward").GetString().ShouldBe($"{broker.Address}sign-in/wait");
        (await onPage.SendAsync("/sign-in/finish")).Header("Location").ShouldBe("../account");

        var left = seen.GetProperty("redirected");
        left.GetProperty("address").GetString().ShouldBe($"{broker.Address}healthz");
        left.GetProperty("referrer").GetString().ShouldBe("");

        // The clients that asked are signed in, all but the one whose link was only fetched and read.
        foreach (var requested in asked.Take(5))
            Jws.Read(await broker.PollAsync(requested), "session_jwt")["sub"]!.ShouldStartWith("agentkeys:user:");
        (await broker.PollAsync(asked[5]))["status"].ShouldBe("pending");
        seen.GetProperty("prefetched").GetInt32().ShouldBe(200);
        seen.GetProperty("scriptless").GetString()!.ShouldContain("needs JavaScript");
        seen.GetProperty("scriptless").GetString()!.ShouldContain("the link is still good");
    }

    private static void ShouldHaveAsked(JsonElement seen, List<Answer> asked, Uri address)
    {
        var papers = new List<string?>();
        foreach (var (page, requested) in seen.GetProperty("asked").EnumerateArray().Zip(asked))
        {
            page.GetProperty("address").GetString().ShouldBe($"{address}auth/email/landing");
            page.GetProperty("heading").GetString().ShouldBe("Sign in to broker.example.test");
            var facts = Texts(page, "facts");
            facts[0].ShouldBe("alice@example.org");
            facts[1].ShouldBe("Alice’s <laptop>");
            facts[2].ShouldStartWith("4 May 2026");
            facts[3].ShouldBe(requested["compare_code"]);
            papers.Add(page.GetProperty("paper").GetString());
        }

        // Twice in light and twice in dark.
        papers.Count.ShouldBe(4);
        papers[0].ShouldBe(papers[1]);
        papers[2].ShouldBe(papers[3]);
        papers[0].ShouldNotBe(papers[2]);

        var injected = seen.GetProperty("injected");
        injected.GetProperty("ran").ValueKind.ShouldBe(JsonValueKind.Null);
        foreach (var directive in (string[])
            ["connect-src", "fetch", "frame-src", "img-src", "style-src-elem", "thrown"])
            Texts(injected, "blocked").ShouldContain(directive);
    }

    private static List<string> Texts(JsonElement element, string name) =>
        [.. element.GetProperty(name).EnumerateArray().Select(one => one.GetString()!)];
}
