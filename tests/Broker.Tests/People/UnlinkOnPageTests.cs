using System.Net;
using Broker.Tests.Hosting;

namespace Broker.Tests.People;

/// <summary>The linked identities on the account page.</summary>
public sealed class UnlinkOnPageTests
{
    [Fact]
    public async Task A_claim_is_unlinked_on_the_page_and_a_proven_link_only_with_proof_of_both()
    {
        await using var broker = await MailSignIn.StartAsync();
        var person = new PersonBrowser(broker);
        await person.SignInByMailAsync(broker);
        using var wallet = new Wallet();
        var token = person.TokenIn(broker);
        var claim = new { identity_type = "email", identity_value = "alice@home.example" };
        (await broker.PostAsync("/v1/wallet/link", claim, token)).ShouldBeOk();
        (await broker.PostAsync(
            "/v1/identity/link", new { identity_token = await broker.SignInAsync(wallet) }, token)).ShouldBeOk();
        var page = WebUtility.HtmlDecode((await person.OpenAsync("/account")).ShouldBeOk().Text);
        page.ShouldContain("Unlink alice@home.example");
        page.ShouldNotContain($"Unlink {wallet.Address}");
        page.ShouldContain($"curl {BrokerApp.Issuer}/v1/identity/unlink");

        var unlinked = await person.SendAsync(
            "/account/links/unlink", ("identity_type", "email"), ("identity_value", "alice@home.example"));
        var refused = await person.SendAsync(
            "/account/links/unlink", ("identity_type", "evm"), ("identity_value", wallet.Address));

        unlinked.Header("Location").ShouldBe("../../account");
        (broker.RowOf(unlinked).Kind, broker.RowOf(unlinked).Outcome).ShouldBe(("identity_link", "revoked"));
        refused.Status.ShouldBe(HttpStatusCode.Unauthorized);
        broker.RowOf(refused).Evidence.ShouldContain("identity_proof_needed");
        page = (await person.OpenAsync("/account")).Text;
        page.ShouldNotContain("alice@home.example");
        page.ShouldContain(wallet.Address);
    }
}
