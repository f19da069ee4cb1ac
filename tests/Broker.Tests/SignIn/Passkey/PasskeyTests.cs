using System.Text.Json;
using Broker.Tests.Hosting;

namespace Broker.Tests.SignIn.Passkey;

/// <summary>Passkeys over HTTP: registered, used, listed, removed, and refused.</summary>
public sealed class PasskeyTests : IAsyncLifetime
{
    private BrokerApp _broker = null!;

    public async Task InitializeAsync() => _broker = await BrokerApp.StartAsync(
        ("BROKER_AUTH_METHODS", "wallet_sig,passkey"), ("BROKER_PASSKEY_RATE_LIMIT_PER_IP_MINUTELY", "0"));

    public async Task DisposeAsync() => await _broker.DisposeAsync();

    [Fact]
    public async Task A_passkey_registered_by_a_session_signs_in_as_its_actor()
    {
        using var wallet = new Wallet();
        var session = await _broker.SignInAsync(wallet);
        using var device = new SoftAuthenticator();

        var kept = (await RegisterAsync(device, session, "laptop")).ShouldBeOk();
        kept["omni_account"].ShouldBe(wallet.Omni);
        var row = _broker.RowOf(kept);
        (row.Kind, row.Outcome, row.OutcomeDetail, row.ActorOmni).ShouldBe(("passkey", "ok", "registered", wallet.Omni));
        row.RecordId.ShouldBe(kept["audit_record_id"]);

        device.Counter++;
        var signedIn = (await SignInAsync(device)).ShouldBeOk();
        signedIn["omni_account"].ShouldBe(wallet.Omni);
        var who = Jws.Read(signedIn, "session_jwt").Claims.GetProperty("agentkeys");
        who.GetProperty("identity_type").GetString().ShouldBe("passkey");
        who.GetProperty("identity_value").GetString().ShouldBe(device.CredentialId);
        who.GetProperty("wallet_address").GetString().ShouldBe(wallet.Address);
        var issued = _broker.RowOf(signedIn);
        (issued.Kind, issued.OutcomeDetail, issued.ActorOmni).ShouldBe(("session_token", "passkey", wallet.Omni));
        var minted = (await _broker.PostAsync("/v1/mint-oidc-jwt", bearer: signedIn["session_jwt"])).ShouldBeOk();
        minted["wallet"].ShouldBe(wallet.Address);
    }

    [Fact]
    public async Task A_passkey_registered_by_nobody_is_an_actor_of_its_own()
    {
        using var device = new SoftAuthenticator();
        var kept = (await RegisterAsync(device)).ShouldBeOk();

        // The rule of contract §7.1, worked out here.
        var omni = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(
            System.Text.Encoding.UTF8.GetBytes("agentkeyspasskey" + device.CredentialId)));
        kept["omni_account"].ShouldBe(omni);
        device.Counter++;
        var signedIn = (await SignInAsync(device, omni)).ShouldBeOk();
        signedIn["omni_account"].ShouldBe(omni);
        Jws.Read(signedIn, "session_jwt").Claims.GetProperty("agentkeys").GetProperty("wallet_address").GetString()
            .ShouldBe("");
    }

    [Fact]
    public async Task The_options_ask_for_a_discoverable_credential_and_a_verified_user()
    {
        var creation = (await _broker.PostAsync("/v1/auth/passkey/register/start")).ShouldBeOk();
        var options = creation.Json.GetProperty("public_key");
        options.GetProperty("rp").GetProperty("id").GetString().ShouldBe("broker.example.test");
        options.GetProperty("challenge").GetString().ShouldBe(creation["challenge"]);
        options.GetProperty("attestation").GetString().ShouldBe("none");
        var selection = options.GetProperty("authenticatorSelection");
        selection.GetProperty("residentKey").GetString().ShouldBe("required");
        selection.GetProperty("userVerification").GetString().ShouldBe("required");

        var request = (await _broker.PostAsync("/v1/auth/passkey/start")).ShouldBeOk().Json.GetProperty("public_key");
        request.GetProperty("userVerification").GetString().ShouldBe("required");
        request.GetProperty("rpId").GetString().ShouldBe("broker.example.test");
        request.TryGetProperty("allowCredentials", out var allowed).ShouldBe(allowed.ValueKind == JsonValueKind.Array);
        if (allowed.ValueKind == JsonValueKind.Array) allowed.GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task A_challenge_is_good_once_and_a_failed_attempt_burns_it()
    {
        using var device = new SoftAuthenticator();
        await RegisterAsync(device);
        var challenge = await ChallengeAsync();
        device.Counter++;
        var assertion = device.Assert(challenge);
        (await VerifyAsync(challenge, assertion)).ShouldBeOk();
        (await VerifyAsync(challenge, assertion)).ShouldRefuse(401, "unauthorized", "passkey_invalid");

        var burnt = await ChallengeAsync();
        using var stranger = new SoftAuthenticator();
        (await VerifyAsync(burnt, stranger.Assert(burnt))).ShouldRefuse(401, "unauthorized", "passkey_invalid");
        device.Counter++;
        (await VerifyAsync(burnt, device.Assert(burnt))).ShouldRefuse(401, "unauthorized", "passkey_invalid");
    }

    [Fact]
    public async Task A_challenge_outlives_a_restart_but_not_five_minutes()
    {
        using var device = new SoftAuthenticator();
        await RegisterAsync(device);
        var (kept, old) = (await ChallengeAsync(), await ChallengeAsync());

        await _broker.RestartAsync();
        device.Counter++;
        (await VerifyAsync(kept, device.Assert(kept))).ShouldBeOk();
        _broker.Clock.Advance(TimeSpan.FromMinutes(5));
        device.Counter++;
        (await VerifyAsync(old, device.Assert(old))).ShouldRefuse(401, "unauthorized", "passkey_invalid");
    }

    [Fact]
    public async Task A_counter_that_does_not_grow_is_refused()
    {
        using var device = new SoftAuthenticator { Counter = 7 };
        await RegisterAsync(device);
        device.Counter = 8;
        (await SignInAsync(device)).ShouldBeOk();

        (await SignInAsync(device)).ShouldRefuse(401, "unauthorized", "passkey_counter_went_back");
        device.Counter = 3;
        (await SignInAsync(device)).ShouldRefuse(401, "unauthorized", "passkey_counter_went_back");
        device.Counter = 9;
        (await SignInAsync(device)).ShouldBeOk();
    }

    [Fact]
    public async Task An_authenticator_without_a_counter_signs_in_again_and_again()
    {
        using var device = new SoftAuthenticator { Counter = 0 };
        await RegisterAsync(device);

        (await SignInAsync(device)).ShouldBeOk();
        (await SignInAsync(device)).ShouldBeOk();
    }

    [Fact]
    public async Task Without_verification_of_the_user_nothing_is_registered_and_nobody_signs_in()
    {
        using var careless = new SoftAuthenticator { Verifies = false };
        (await RegisterAsync(careless)).ShouldRefuse(400, "bad_request", "passkey_registration_invalid");

        using var device = new SoftAuthenticator();
        (await RegisterAsync(device)).ShouldBeOk();
        device.Verifies = false;
        device.Counter++;
        (await SignInAsync(device)).ShouldRefuse(401, "unauthorized", "passkey_invalid");
    }

    [Theory]
    [InlineData("https://evil.example.test", "broker.example.test")]
    [InlineData("https://broker.example.test.evil.test", "broker.example.test")]
    [InlineData("http://broker.example.test", "broker.example.test")]
    [InlineData("https://broker.example.test", "example.test")]
    public async Task Another_origin_or_relying_party_is_refused(string origin, string relyingParty)
    {
        using var phished = new SoftAuthenticator { Origin = origin, RelyingParty = relyingParty };

        (await RegisterAsync(phished)).ShouldRefuse(400, "bad_request", "passkey_registration_invalid");
    }

    [Fact]
    public async Task A_registration_belongs_to_the_session_that_began_it()
    {
        using var alice = new Wallet();
        using var bob = new Wallet();
        var (alices, bobs) = (await _broker.SignInAsync(alice), await _broker.SignInAsync(bob));
        using var device = new SoftAuthenticator();
        foreach (var other in (string?[])[bobs, null])
        {
            var begun = (await _broker.PostAsync("/v1/auth/passkey/register/start", bearer: alices)).ShouldBeOk();
            (await FinishAsync(device, begun["challenge"]!, other))
                .ShouldRefuse(400, "bad_request", "passkey_registration_invalid");
        }

        (await RegisterAsync(device, alices)).ShouldBeOk();
        (await RegisterAsync(device, bobs)).ShouldRefuse(400, "bad_request", "passkey_registration_invalid");
    }

    [Fact]
    public async Task A_sign_in_for_another_account_is_refused_like_an_unknown_passkey()
    {
        using var device = new SoftAuthenticator();
        using var other = new SoftAuthenticator();
        await RegisterAsync(device);
        var others = (await RegisterAsync(other)).ShouldBeOk()["omni_account"];
        device.Counter++;

        var wrongAccount = (await SignInAsync(device, others)).ShouldRefuse(401, "unauthorized", "passkey_invalid");
        using var unknown = new SoftAuthenticator();
        var unknownPasskey = (await SignInAsync(unknown)).ShouldRefuse(401, "unauthorized", "passkey_invalid");
        wrongAccount["message"].ShouldBe(unknownPasskey["message"]);
    }

    [Fact]
    public async Task A_passkey_is_listed_and_once_removed_signs_nobody_in()
    {
        using var wallet = new Wallet();
        using var stranger = new Wallet();
        var (session, strangers) = (await _broker.SignInAsync(wallet), await _broker.SignInAsync(stranger));
        using var device = new SoftAuthenticator();
        await RegisterAsync(device, session, "phone");
        var item = (await ListAsync(session)).ShouldHaveSingleItem();
        item.GetProperty("label").GetString().ShouldBe("phone");
        item.GetProperty("last_used_at").ValueKind.ShouldBe(JsonValueKind.Null);
        (await ListAsync(strangers)).ShouldBeEmpty();

        var body = new { credential_id = device.CredentialId };
        (await _broker.PostAsync("/v1/auth/passkey/remove", body, strangers))
            .ShouldRefuse(400, "bad_request", "unknown_passkey");
        var removed = (await _broker.PostAsync("/v1/auth/passkey/remove", body, session)).ShouldBe204();

        var row = _broker.RowOf(removed);
        (row.Kind, row.Outcome, row.OutcomeDetail).ShouldBe(("passkey", "revoked", "removed"));
        device.Counter++;
        (await SignInAsync(device)).ShouldRefuse(401, "unauthorized", "passkey_invalid");
        (await ListAsync(session)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Two_uses_at_once_of_one_counter_are_one_use()
    {
        using var device = new SoftAuthenticator();
        await RegisterAsync(device);
        device.Counter++;
        var tries = new List<(string Challenge, object Assertion)>();
        for (var i = 0; i < 8; i++)
        {
            var challenge = await ChallengeAsync();
            tries.Add((challenge, device.Assert(challenge)));
        }

        var answers = await Task.WhenAll(tries.Select(one => VerifyAsync(one.Challenge, one.Assertion)));

        answers.Count(answer => (int)answer.Status == 200).ShouldBe(1);
        answers.Count(answer => answer["code"] == "passkey_counter_went_back").ShouldBe(7);
    }

    [Fact]
    public async Task What_is_no_attestation_is_refused_in_words()
    {
        foreach (var garbage in (string[])["", "!", "AA", "oA", new string('A', 100_000), "g2NmbXRkbm9uZQ"])
        {
            var begun = (await _broker.PostAsync("/v1/auth/passkey/register/start")).ShouldBeOk();
            using var device = new SoftAuthenticator();
            var good = JsonSerializer.SerializeToNode(device.Attest(begun["challenge"]!))!;
            good["attestation_object"] = garbage;

            var refused = await _broker.PostAsync("/v1/auth/passkey/register/verify", new { attestation = good });

            ((int)refused.Status).ShouldBe(400, garbage);
            refused["code"].ShouldBeOneOf("passkey_registration_invalid", "invalid_field");
            refused.ShouldHaveTheErrorShape();
        }
    }

    [Fact]
    public async Task Every_cut_attestation_is_refused()
    {
        using var device = new SoftAuthenticator();
        var whole = Convert.FromBase64String(Padded(Member(device.Attest("x"), "attestation_object")));
        for (var length = 1; length < whole.Length; length += 7)
        {
            var begun = (await _broker.PostAsync("/v1/auth/passkey/register/start")).ShouldBeOk();
            var cut = JsonSerializer.SerializeToNode(device.Attest(begun["challenge"]!))!;
            cut["attestation_object"] = System.Buffers.Text.Base64Url.EncodeToString(whole.AsSpan(0, length));
            (await _broker.PostAsync("/v1/auth/passkey/register/verify", new { attestation = cut }))
                .ShouldRefuse(400, "bad_request", "passkey_registration_invalid");
        }
    }

    [Fact]
    public async Task Challenges_are_limited_by_client()
    {
        await using var strict = await BrokerApp.StartAsync(
            ("BROKER_AUTH_METHODS", "passkey"), ("BROKER_PASSKEY_RATE_LIMIT_PER_IP_MINUTELY", "3"));
        for (var i = 0; i < 3; i++) (await strict.PostAsync("/v1/auth/passkey/start")).ShouldBeOk();

        var refused = await strict.PostAsync("/v1/auth/passkey/register/start");

        refused.ShouldRefuse(429, "rate_limited", "passkey_rate_limited");
        int.Parse(refused.Header("Retry-After")!, System.Globalization.CultureInfo.InvariantCulture)
            .ShouldBeInRange(1, 60);
    }

    [Fact]
    public async Task Where_the_method_is_not_offered_there_are_no_routes()
    {
        await using var without = await BrokerApp.StartAsync();
        (await without.PostAsync("/v1/auth/passkey/start")).ShouldRefuse(404, "bad_request", "not_found");
    }

    private static string Member(object body, string name) =>
        JsonSerializer.SerializeToNode(body)![name]!.GetValue<string>();

    private static string Padded(string base64Url) =>
        base64Url.Replace('-', '+').Replace('_', '/') + new string('=', (4 - base64Url.Length % 4) % 4);

    private async Task<Answer> RegisterAsync(SoftAuthenticator device, string? session = null, string? label = null)
    {
        var begun = (await _broker.PostAsync("/v1/auth/passkey/register/start", bearer: session)).ShouldBeOk();
        device.UserHandle = begun.Json.GetProperty("public_key").GetProperty("user").GetProperty("id").GetString();
        return await FinishAsync(device, begun["challenge"]!, session, label);
    }

    private Task<Answer> FinishAsync(
        SoftAuthenticator device, string challenge, string? session, string? label = null) => _broker.PostAsync(
            "/v1/auth/passkey/register/verify", new { attestation = device.Attest(challenge), label }, session);

    private async Task<string> ChallengeAsync(string? omni = null) => (await _broker.PostAsync(
        "/v1/auth/passkey/start", omni is null ? null : new { omni_account = omni })).ShouldBeOk()["challenge"]!;

    private async Task<Answer> SignInAsync(SoftAuthenticator device, string? omni = null)
    {
        var challenge = await ChallengeAsync(omni);
        return await VerifyAsync(challenge, device.Assert(challenge));
    }

    private Task<Answer> VerifyAsync(string challenge, object assertion) =>
        _broker.PostAsync("/v1/auth/passkey/verify", new { challenge, assertion });

    private async Task<IReadOnlyList<JsonElement>> ListAsync(string session) =>
    [
        .. (await _broker.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/v1/auth/passkey/list"), session))
            .ShouldBeOk().Json.GetProperty("passkeys").EnumerateArray(),
    ];
}
