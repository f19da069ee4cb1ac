using Broker.Tests.Hosting;
using Broker.Tests.SignIn.Passkey;

namespace Broker.Tests.IdentityLinks;

/// <summary>
/// Links between identities of every kind: mailbox, person of an OpenID provider, passkey, wallet; each as the one that
/// is linked, and a mailbox as the one that links.
/// </summary>
public sealed class LinkEveryWayTests : IAsyncLifetime
{
    private readonly Wallet _wallet = new(), _stranger = new();
    private readonly SoftAuthenticator _passkey = new();
    private EveryWayToSignIn _site = null!;

    public async Task InitializeAsync()
    {
        _site = await EveryWayToSignIn.StartAsync();
        (await _site.RegisterAsync(_passkey)).ShouldBeOk();
    }

    public async Task DisposeAsync()
    {
        await _site.DisposeAsync();
        _wallet.Dispose();
        _stranger.Dispose();
        _passkey.Dispose();
    }

    [Theory]
    [InlineData("email", "wallet")]
    [InlineData("oauth2_google", "wallet")]
    [InlineData("passkey", "wallet")]
    [InlineData("evm", "email")]
    [InlineData("oauth2_google", "email")]
    [InlineData("passkey", "email")]
    public async Task Any_identity_is_linked_and_unlinked_with_proof_of_both(string kind, string master)
    {
        var (session, omni) = await MasterAsync(master);
        var signedIn = await SignInAsync(kind);

        var linked = (await PostAsync("link", signedIn, session)).ShouldBeOk();

        linked["omni_account"].ShouldBe(omni);
        linked["identity_type"].ShouldBe(kind);
        linked["identity_value"].ShouldBe(signedIn["identity_value"]);
        linked["proven"].ShouldBe("True");
        ShouldBeOnRecord(linked, signedIn, omni, "ok", "linked with proof of both");
        var found = await LookupAsync(signedIn);
        (found["linked"], found["omni_account"], found["proven"]).ShouldBe(("True", omni, "True"));

        (await _site.Broker.PostAsync("/v1/identity/unlink", Named(signedIn), session))
            .ShouldRefuse(401, "unauthorized", "identity_proof_needed");
        var unlinked = (await PostAsync("unlink", await SignInAsync(kind), session)).ShouldBeOk();

        ShouldBeOnRecord(unlinked, signedIn, omni, "revoked", "unlinked");
        (await LookupAsync(signedIn))["linked"].ShouldBe("False");
        (await PostAsync("unlink", await SignInAsync(kind), session))
            .ShouldRefuse(400, "bad_request", "identity_not_linked");
    }

    /// <summary>Contract §7.1: AWS prefixes use the session's own omni.</summary>
    [Theory]
    [InlineData("email")]
    [InlineData("oauth2_google")]
    [InlineData("passkey")]
    public async Task Whoever_signs_in_afterwards_by_either_is_who_it_was(string kind)
    {
        var (session, omni) = await MasterAsync("wallet");
        var before = await SignInAsync(kind);
        (await PostAsync("link", before, session)).ShouldBeOk();

        var after = await SignInAsync(kind);
        after["omni_account"].ShouldBe(before["omni_account"]);
        (await MasterAsync("wallet")).Omni.ShouldBe(omni);
        var token = (await _site.Broker.PostAsync("/v1/mint-oidc-jwt", bearer: after["session_jwt"])).ShouldBeOk();
        Jws.Read(token, "jwt")["agentkeys_actor_omni"].ShouldBe(before["omni_account"]);
    }

    [Theory]
    [InlineData("email")]
    [InlineData("oauth2_google")]
    [InlineData("passkey")]
    public async Task An_identity_of_another_master_is_refused_on_record_until_it_is_unlinked_there(string kind)
    {
        var (session, _) = await MasterAsync("wallet");
        var another = await _site.Broker.SignInAsync(_stranger);
        (await PostAsync("link", await SignInAsync(kind), session)).ShouldBeOk();

        var refused = await PostAsync("link", await SignInAsync(kind), another);

        refused.ShouldRefuse(401, "unauthorized", "identity_linked_elsewhere");
        _site.Broker.RowOf(refused).ActorOmni.ShouldBe(_stranger.Omni);
        (await PostAsync("unlink", await SignInAsync(kind), another))
            .ShouldRefuse(400, "bad_request", "identity_not_linked");
        (await PostAsync("unlink", await SignInAsync(kind), session)).ShouldBeOk();
        (await PostAsync("link", await SignInAsync(kind), another)).ShouldBeOk();
    }

    [Theory]
    [InlineData("email")]
    [InlineData("oauth2_google")]
    [InlineData("passkey")]
    public async Task A_proof_that_is_ten_minutes_old_links_nothing_and_unlinks_nothing(string kind)
    {
        var (session, _) = await MasterAsync("wallet");
        var old = await SignInAsync(kind);
        (await PostAsync("link", old, session)).ShouldBeOk();
        _site.Broker.Clock.Advance(TimeSpan.FromMinutes(10));

        foreach (var verb in (string[])["link", "unlink"])
        {
            var refused = await PostAsync(verb, old, session);
            refused.ShouldRefuse(401, "unauthorized", "identity_proof_refused");
            _site.Broker.RowOf(refused).Outcome.ShouldBe("auth_failed");
        }

        (await LookupAsync(old))["linked"].ShouldBe("True");
    }

    /// <summary>A passkey that an actor made signs in as that actor. Nobody else may have it as an identity.</summary>
    [Fact]
    public async Task A_passkey_of_an_actor_is_neither_linked_to_it_nor_to_another()
    {
        var (session, omni) = await MasterAsync("wallet");
        var another = await _site.Broker.SignInAsync(_stranger);
        using var device = new SoftAuthenticator();
        (await _site.RegisterAsync(device, session)).ShouldBeOk();
        var signedIn = (await _site.ByPasskeyAsync(device)).ShouldBeOk();
        signedIn["omni_account"].ShouldBe(omni);

        (await PostAsync("link", signedIn, session)).ShouldRefuse(400, "bad_request", "own_identity");
        (await PostAsync("link", signedIn, another)).ShouldRefuse(401, "unauthorized", "identity_of_another_actor");

        (await LookupAsync(signedIn))["linked"].ShouldBe("False");
    }

    private async Task<(string Session, string Omni)> MasterAsync(string master)
    {
        var answer = master == "wallet"
            ? (await _site.Broker.SignInAnswerAsync(_wallet)).ShouldBeOk()
            : (await _site.ByMailAsync("master@example.org")).ShouldBeOk();
        return (answer["session_jwt"]!, answer["omni_account"]!);
    }

    private async Task<Answer> SignInAsync(string kind) => (kind switch
    {
        "email" => await _site.ByMailAsync("alice@example.org"),
        "oauth2_google" => await _site.ByProviderAsync("1234567890"),
        "passkey" => await _site.ByPasskeyAsync(_passkey),
        _ => await _site.Broker.SignInAnswerAsync(_stranger),
    }).ShouldBeOk();

    private Task<Answer> PostAsync(string verb, Answer identity, string session) => _site.Broker.PostAsync(
        $"/v1/identity/{verb}", new { identity_token = identity["session_jwt"] }, session);

    private async Task<Answer> LookupAsync(Answer identity) =>
        (await _site.Broker.PostAsync("/v1/wallet/recover/lookup", Named(identity))).ShouldBeOk();

    private static object Named(Answer identity) =>
        new { identity_type = identity["identity_type"], identity_value = identity["identity_value"] };

    /// <summary>The entry names the identity by its omni: no mailbox is on record.</summary>
    private void ShouldBeOnRecord(Answer answer, Answer identity, string omni, string outcome, string detail)
    {
        var row = _site.Broker.RowOf(answer);
        (row.Kind, row.Outcome, row.OutcomeDetail, row.ActorOmni).ShouldBe(("identity_link", outcome, detail, omni));
        row.Evidence.ShouldBe(
            $$"""{"identity_omni":"{{identity["omni_account"]}}","identity_type":"{{identity["identity_type"]}}"}""");
    }
}
