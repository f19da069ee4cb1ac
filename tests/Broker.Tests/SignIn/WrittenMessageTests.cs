using Broker.Tests.Hosting;

namespace Broker.Tests.SignIn;

/// <summary>
/// Sign-in with a message that the client wrote itself around a nonce of ours: every line of it is held against what we
/// know.
/// </summary>
public sealed class WrittenMessageTests(SharedBroker shared) : IClassFixture<SharedBroker>, IAsyncLifetime
{
    private readonly BrokerApp _broker = shared.App;
    private readonly Wallet _wallet = new();
    private string _nonce = "";

    public async Task InitializeAsync() => _nonce = (await _broker.ChallengeAsync(_wallet.Address))["nonce"]!;

    public Task DisposeAsync()
    {
        _wallet.Dispose();
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData("""{"signature":"0x00"}""")]
    [InlineData("""{"signature":"0x00","request_id":"r","message":"m"}""")]
    public async Task Takes_an_issued_message_or_a_written_one_not_both_and_not_none(string body) =>
        (await _broker.PostRawAsync("/v1/auth/wallet/verify", body))
            .ShouldRefuse(400, "bad_request", "invalid_field")["message"]
            .ShouldBe("bad request: send either request_id or message, and signature");

    [Fact]
    public async Task Takes_the_least_message_that_the_grammar_allows()
    {
        var answer = (await VerifyAsync(Message())).ShouldBeOk();

        answer["omni_account"].ShouldBe(_wallet.Omni);
        _broker.RowOf(answer).Outcome.ShouldBe("ok");
    }

    [Fact]
    public async Task Takes_a_message_with_every_line_and_a_checksummed_address() => (await VerifyAsync(Message(
        address: _wallet.ChecksummedAddress, statement: "Let me in, please.",
        rest: "\nExpiration Time: 2026-05-04T12:30:00Z\nNot Before: 2026-05-04T12:00:00.000+00:00\nRequest ID: r-1"
            + "\nResources:\n- https://example.test/terms\n- urn:x:y"))).ShouldBeOk();

    [Fact]
    public async Task Refuses_it_a_second_time()
    {
        (await VerifyAsync(Message())).ShouldBeOk();

        (await VerifyAsync(Message())).ShouldRefuse(401, "unauthorized", "unknown_challenge");
    }

    [Fact]
    public async Task The_nonce_of_the_issued_message_is_spent_whichever_way_it_is_used()
    {
        var challenge = await _broker.ChallengeAsync(_wallet.Address);
        (await VerifyAsync(Message(nonce: challenge["nonce"]))).ShouldBeOk();

        (await _broker.PostAsync(
            "/v1/auth/wallet/verify",
            new { request_id = challenge["request_id"], signature = _wallet.Sign(challenge["siwe_message"]!) }))
            .ShouldRefuse(401, "unauthorized", "unknown_challenge");
    }

    [Theory]
    [InlineData("evil.example.test", BrokerApp.Issuer)]
    [InlineData("broker.example.test:443", BrokerApp.Issuer)]
    [InlineData("BROKER.example.test", BrokerApp.Issuer)]
    [InlineData("broker.example.test", "https://broker.example.test/")]
    [InlineData("broker.example.test", "https://evil.example.test")]
    [InlineData("broker.example.test", "http://broker.example.test")]
    public async Task Refuses_a_message_for_another_house_and_keeps_the_nonce(string domain, string uri)
    {
        (await VerifyAsync(Message(domain: domain, uri: uri)))
            .ShouldRefuse(401, "unauthorized", "message_not_for_this_broker");

        (await VerifyAsync(Message())).ShouldBeOk();
    }

    [Fact]
    public async Task Refuses_another_chain_than_the_nonce_was_issued_for() =>
        (await VerifyAsync(Message(chain: "10"))).ShouldRefuse(401, "unauthorized", "message_not_for_this_broker");

    [Fact]
    public async Task Refuses_another_address_than_the_nonce_was_issued_for()
    {
        using var other = new Wallet();
        var message = Message(address: other.Address);

        (await _broker.PostAsync("/v1/auth/wallet/verify", new { message, signature = other.Sign(message) }))
            .ShouldRefuse(401, "unauthorized", "message_not_for_this_broker");
    }

    [Fact]
    public async Task Refuses_a_nonce_that_we_did_not_issue() =>
        (await VerifyAsync(Message(nonce: "0123456789abcdef0123456789abcdef")))
            .ShouldRefuse(401, "unauthorized", "unknown_challenge");

    [Theory]
    [InlineData("2026-05-04T12:01:01Z", "", "challenge_from_the_future")]
    [InlineData("2026-05-04T14:00:00+01:00", "", "challenge_from_the_future")]
    [InlineData("2026-05-04T11:58:59Z", "", "message_not_for_this_broker")]
    [InlineData("2026-05-04T12:00:00Z", "\nExpiration Time: 2026-05-04T12:00:00Z", "challenge_expired")]
    [InlineData("2026-05-04T12:00:00Z", "\nExpiration Time: 2025-05-04T12:00:00Z", "challenge_expired")]
    [InlineData("2026-05-04T12:00:00Z", "\nNot Before: 2026-05-04T12:01:01Z", "challenge_from_the_future")]
    public async Task Refuses_a_message_out_of_its_time(string issuedAt, string rest, string code) =>
        (await VerifyAsync(Message(issuedAt: issuedAt, rest: rest))).ShouldRefuse(401, "unauthorized", code);

    [Theory]
    [InlineData("2026-05-04T12:01:00Z")]
    [InlineData("2026-05-04T11:59:00Z")]
    public async Task Bears_a_clock_that_is_a_minute_off(string issuedAt) =>
        (await VerifyAsync(Message(issuedAt: issuedAt))).ShouldBeOk();

    [Fact]
    public async Task Refuses_a_message_that_another_wallet_signed_and_burns_the_nonce()
    {
        using var other = new Wallet();
        var message = Message();

        (await _broker.PostAsync("/v1/auth/wallet/verify", new { message, signature = other.Sign(message) }))
            .ShouldRefuse(401, "unauthorized", "signature_mismatch");
        (await VerifyAsync(message)).ShouldRefuse(401, "unauthorized", "unknown_challenge");
    }

    [Fact]
    public async Task Refuses_a_signature_of_the_upper_half()
    {
        // The twin of a good signature: n - s for s, the other v. It recovers the same address; EIP-2 rules it out.
        var message = Message();
        var bytes = Convert.FromHexString(_wallet.Sign(message)[2..]);
        var order = System.Numerics.BigInteger.Parse(
            "0fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
            System.Globalization.NumberStyles.HexNumber);
        var s = new System.Numerics.BigInteger(bytes.AsSpan(32, 32), isUnsigned: true, isBigEndian: true);
        var twin = (order - s).ToByteArray(isUnsigned: true, isBigEndian: true);
        bytes.AsSpan(32, 32).Clear();
        twin.CopyTo(bytes, 64 - twin.Length);
        bytes[64] = (byte)(55 - bytes[64]);

        (await _broker.PostAsync(
            "/v1/auth/wallet/verify", new { message, signature = "0x" + Convert.ToHexString(bytes) }))
            .ShouldRefuse(400, "bad_request", "invalid_field")["message"]!.ShouldContain("signature");
    }

    [Fact]
    public async Task Takes_every_way_in_which_wallets_write_v()
    {
        foreach (var v in (byte[])[0, 27])
        {
            var message = Message(nonce: (await _broker.ChallengeAsync(_wallet.Address))["nonce"]);
            var bytes = Convert.FromHexString(_wallet.Sign(message)[2..]);
            bytes[64] = (byte)(v + ((bytes[64] - 27) & 1));

            (await _broker.PostAsync(
                "/v1/auth/wallet/verify", new { message, signature = "0x" + Convert.ToHexString(bytes) })).ShouldBeOk();
        }
    }

    [Theory]
    [InlineData("Version: 1", "Version: 2")]
    [InlineData("\n\nURI", "\nURI")]
    [InlineData("URI: ", "uri: ")]
    [InlineData("Chain ID: 1", "Chain ID: 01")]
    [InlineData("Issued At: 2026-05-04T12:00:00Z", "Issued At: yesterday")]
    [InlineData("\n", "\r\n")]
    [InlineData(" wants you", " Wants you")]
    public async Task Refuses_a_message_outside_the_grammar_and_says_where(string right, string wrong)
    {
        var message = Message().Replace(right, wrong, StringComparison.Ordinal);

        (await VerifyAsync(message)).ShouldRefuse(400, "bad_request", "invalid_field")["message"]!
            .ShouldStartWith("bad request: message: ");
        (await VerifyAsync(Message())).ShouldBeOk();
    }

    [Fact]
    public async Task An_issued_challenge_expires_and_is_told_so_not_that_it_is_unknown()
    {
        await using var broker = await BrokerApp.StartAsync(("BROKER_WALLET_CHALLENGE_TTL_SECONDS", "60"));
        var challenge = await broker.ChallengeAsync(_wallet.Address);
        broker.Clock.Advance(TimeSpan.FromSeconds(60));

        (await broker.PostAsync(
            "/v1/auth/wallet/verify",
            new { request_id = challenge["request_id"], signature = _wallet.Sign(challenge["siwe_message"]!) }))
            .ShouldRefuse(401, "unauthorized", "challenge_expired")["message"]!
                .ShouldStartWith("unauthorized: expired:");
    }

    [Fact]
    public async Task A_challenge_outlives_a_restart_and_a_used_one_stays_used()
    {
        await using var broker = await BrokerApp.StartAsync();
        var challenge = await broker.ChallengeAsync(_wallet.Address);
        var proof = new { request_id = challenge["request_id"], signature = _wallet.Sign(challenge["siwe_message"]!) };

        await broker.RestartAsync();
        (await broker.PostAsync("/v1/auth/wallet/verify", proof)).ShouldBeOk();
        await broker.RestartAsync();
        (await broker.PostAsync("/v1/auth/wallet/verify", proof))
            .ShouldRefuse(401, "unauthorized", "unknown_challenge");
    }

    [Fact]
    public async Task Of_many_who_send_one_proof_at_once_one_gets_in()
    {
        var challenge = await _broker.ChallengeAsync(_wallet.Address);
        var proof = new { request_id = challenge["request_id"], signature = _wallet.Sign(challenge["siwe_message"]!) };

        var answers =
            await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => _broker.PostAsync("/v1/auth/wallet/verify", proof)));

        answers.Count(answer => (int)answer.Status == 200).ShouldBe(1);
        answers.Count(answer => (int)answer.Status == 401).ShouldBe(15);
    }

    [Fact]
    public async Task The_issued_message_is_that_of_the_contract_to_the_letter()
    {
        var challenge = await _broker.ChallengeAsync(_wallet.Address);

        challenge["siwe_message"].ShouldBe(
            $"""
            broker.example.test wants you to sign in with your Ethereum account:
            {_wallet.Address}

            Authenticate with AgentKeys broker.

            URI: https://broker.example.test
            Version: 1
            Chain ID: 1
            Nonce: {challenge["nonce"]}
            Issued At: 2026-05-04T12:00:00Z
            Expiration Time: 2026-05-04T12:45:00Z
            Resources:
            - urn:agentkeys:client:agentkeys
            """);
    }

    private Task<Answer> VerifyAsync(string message) =>
        _broker.PostAsync("/v1/auth/wallet/verify", new { message, signature = _wallet.Sign(message) });

    private string Message(
        string domain = "broker.example.test", string? address = null, string? statement = null,
        string uri = BrokerApp.Issuer,
        string chain = "1", string? nonce = null, string issuedAt = "2026-05-04T12:00:00Z", string rest = "") =>
        $"{domain} wants you to sign in with your Ethereum account:\n{address ?? _wallet.Address}\n\n"
        + $"{(statement is null ? "" : statement + "\n")}\n"
        + $"URI: {uri}\nVersion: 1\nChain ID: {chain}\nNonce: {nonce ?? _nonce}\nIssued At: {issuedAt}{rest}";
}
