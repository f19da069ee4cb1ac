using System.Text.Json;
using Broker.Mail;
using Broker.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Tests.People;

/// <summary>
/// The broker's own pages in a real browser: sign-in by mail and by passkey, receipts checked by the page, a forged form
/// and an injected script. An accessibility checker looks at every page; screenshots are kept in
/// <c>artifacts/pages</c>.
/// </summary>
public sealed class PersonInBrowserTests
{
    [Fact]
    public async Task A_person_signs_in_sees_checked_receipts_and_signs_out()
    {
        var port = Peers.FreePort();
        var origin = $"http://localhost:{port}";
        await using var broker = await BrokerApp.StartAsync(
            ("BROKER_AUTH_METHODS", "wallet_sig,email_link,passkey"), ("BROKER_DEV_MODE", "true"),
            ("BROKER_PORT", $"{port}"), ("BROKER_OIDC_ISSUER", origin),
            ("BROKER_EMAIL_FROM_ADDRESS", "noreply@agentkeys.test"));
        var folder = Path.Combine(Fixtures.RepositoryRoot, "artifacts", "pages");
        Directory.CreateDirectory(folder);

        // The mailbox is read on another device, which confirms as soon as the mail is there.
        var sender = (StubMailSender)broker.Services.GetRequiredService<IMailSender>();
        var seeing = Npm.RunAsync("people.mjs", new { origin, folder }, "browser");
        while (sender.Mails.Count == 0 && !seeing.IsCompleted) await Task.Delay(50);
        if (!seeing.IsCompleted) (await broker.ConfirmAsync(broker.NewestToken())).ShouldBeOk();
        var seen = await seeing;

        Texts(seen, "problems").ShouldBeEmpty();
        Texts(seen, "findings").ShouldBeEmpty();
        seen.GetProperty("papers").EnumerateArray().Select(one => one.GetString()).Distinct().Count().ShouldBe(2);
        seen.GetProperty("check").GetString()!.ShouldStartWith("Checked: entry 0 is in the tree of size 1");
        seen.GetProperty("check").GetString()!.ShouldEndWith("its signature holds.");
        seen.GetProperty("spoilt").GetString().ShouldBe(
            "Not as it should be: the proof does not lead to the root.");
        seen.GetProperty("lost").GetString().ShouldBe("This page cannot be shown");
        seen.GetProperty("readable").GetString().ShouldBe("");
        seen.GetProperty("forged").GetInt32().ShouldBe(403);
        seen.GetProperty("afterForgery").GetString().ShouldBe("Your account");
        seen.GetProperty("injected").ValueKind.ShouldBe(JsonValueKind.Null);
        seen.GetProperty("left").GetString().ShouldBe($"{origin}/");
        seen.GetProperty("afterLeaving").GetString().ShouldBe($"{origin}/sign-in");
        seen.GetProperty("byPasskey").GetString().ShouldBe("Your account");
    }

    private static List<string> Texts(JsonElement element, string name) =>
        [.. element.GetProperty(name).EnumerateArray().Select(one => one.GetString()!)];
}
