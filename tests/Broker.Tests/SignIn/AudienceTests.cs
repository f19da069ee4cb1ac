using Broker.Tests.Hosting;

namespace Broker.Tests.SignIn;

/// <summary>
/// For whom a message is that the client wrote itself: the origin that the wallet showed, the chain, and the client
/// that its resources name.
/// </summary>
public sealed class AudienceTests(SharedBroker shared) : IClassFixture<SharedBroker>, IDisposable
{
    private readonly BrokerApp _broker = shared.App;
    private readonly Wallet _wallet = new();

    public void Dispose() => _wallet.Dispose();

    // ERC-4361, "Specifying the Request Origin": domain and scheme are those of the page that asked.
    [Theory]
    [InlineData("http")]
    [InlineData("ftp")]
    [InlineData("evil+scheme")]
    [InlineData("https+x")]
    public async Task Refuses_a_scheme_that_is_not_the_issuers_and_keeps_the_nonce(string scheme)
    {
        var nonce = (await _broker.ChallengeAsync(_wallet.Address))["nonce"]!;

        (await VerifyAsync(_broker, Message(nonce, scheme: scheme + "://")))
            .ShouldRefuse(401, "unauthorized", "message_not_for_this_broker")["message"]!
            .ShouldContain("its scheme must be https");

        (await VerifyAsync(_broker, Message(nonce))).ShouldBeOk();
    }

    [Theory]
    [InlineData("https")]
    [InlineData("HTTPS")]
    public async Task Takes_the_issuers_scheme_in_either_case(string scheme)
    {
        var nonce = (await _broker.ChallengeAsync(_wallet.Address))["nonce"]!;

        (await VerifyAsync(_broker, Message(nonce, scheme: scheme + "://"))).ShouldBeOk();
    }

    [Fact]
    public async Task A_broker_on_http_takes_http_and_not_https()
    {
        await using var broker = await BrokerApp.StartAsync(
            ("BROKER_DEV_MODE", "true"), ("BROKER_OIDC_ISSUER", "http://broker.example.test"));
        var nonce = (await broker.ChallengeAsync(_wallet.Address))["nonce"]!;

        (await VerifyAsync(broker, Message(nonce, scheme: "https://", uri: "http://broker.example.test")))
            .ShouldRefuse(401, "unauthorized", "message_not_for_this_broker");
        (await VerifyAsync(broker, Message(nonce, scheme: "http://", uri: "http://broker.example.test"))).ShouldBeOk();
    }

    [Theory]
    [InlineData("urn:agentkeys:client:other")]
    [InlineData("urn:agentkeys:client:agentkeys2")]
    [InlineData("urn:agentkeys:client:Agentkeys")]
    [InlineData("urn:agentkeys:client:agentkeys/x")]
    [InlineData("urn:agentkeys:client:agentkeys#x")]
    [InlineData("urn:agentkeys:client:")]
    [InlineData("URN:AgentKeys:client:other")]
    [InlineData("urn:agentkeys:Client:agentkeys")]
    [InlineData("urn:agentkeys:%63lient:other")]
    [InlineData("https://example.test/terms\n- urn:agentkeys:client:agentkeys\n- urn:agentkeys:client:other")]
    public async Task Refuses_resources_that_name_another_client_and_keeps_the_nonce(string resources)
    {
        var nonce = (await _broker.ChallengeAsync(_wallet.Address))["nonce"]!;

        (await VerifyAsync(_broker, Message(nonce, rest: "\nResources:\n- " + resources)))
            .ShouldRefuse(401, "unauthorized", "message_not_for_this_broker")["message"]!
            .ShouldContain("a client that it names must be agentkeys");

        (await VerifyAsync(_broker, Message(nonce))).ShouldBeOk();
    }

    [Theory]
    [InlineData("urn:agentkeys:client:agentkeys")]
    [InlineData("URN:agentkeys:client:agentke%79s")]
    [InlineData("https://example.test/terms\n- urn:x:client:other\n- urn:agentkeys:client:agentkeys")]
    public async Task Takes_resources_that_name_our_client_or_none(string resources)
    {
        var nonce = (await _broker.ChallengeAsync(_wallet.Address))["nonce"]!;

        (await VerifyAsync(_broker, Message(nonce, rest: "\nResources:\n- " + resources))).ShouldBeOk();
    }

    // Palm is chain 11297108109; EIP-2294 allows more than 31 and more than 53 bits.
    [Theory]
    [InlineData(2_147_483_648)]
    [InlineData(11_297_108_109)]
    [InlineData(9_007_199_254_740_993)]
    [InlineData(4_611_686_018_427_387_882)]
    [InlineData(long.MaxValue)]
    public async Task Signs_in_on_chains_of_up_to_63_bits_by_either_message(long chain)
    {
        var issued = (await _broker.PostAsync(
            "/v1/auth/wallet/start", new { address = _wallet.Address, chain_id = chain })).ShouldBeOk();
        issued["siwe_message"]!.ShouldContain($"\nChain ID: {chain}\n");
        var signature = _wallet.Sign(issued["siwe_message"]!);
        (await _broker.PostAsync("/v1/auth/wallet/verify", new { request_id = issued["request_id"], signature }))
            .ShouldBeOk();

        var written = (await _broker.PostAsync(
            "/v1/auth/wallet/start", new { address = _wallet.Address, chain_id = chain })).ShouldBeOk();
        var text = Message(written["nonce"]!, chain: chain);
        (await VerifyAsync(_broker, text)).ShouldBeOk();
    }

    [Fact]
    public async Task A_client_id_with_percent_encoding_stands_in_the_message_as_it_is()
    {
        await using var broker = await BrokerApp.StartAsync(("AGENTKEYS_CLIENT_ID", "acme%7Cprod"));
        var challenge = await broker.ChallengeAsync(_wallet.Address);

        challenge["siwe_message"]!.ShouldEndWith("\nResources:\n- urn:agentkeys:client:acme%7Cprod");
        (await VerifyAsync(broker, challenge["siwe_message"]!)).ShouldBeOk();
    }

    private Task<Answer> VerifyAsync(BrokerApp broker, string message) =>
        broker.PostAsync("/v1/auth/wallet/verify", new { message, signature = _wallet.Sign(message) });

    private string Message(
        string nonce, string scheme = "", string uri = BrokerApp.Issuer, long chain = 1, string rest = "") =>
        $"{scheme}broker.example.test wants you to sign in with your Ethereum account:\n{_wallet.Address}\n\n\n"
        + $"URI: {uri}\nVersion: 1\nChain ID: {chain}\nNonce: {nonce}\nIssued At: 2026-05-04T12:00:00Z{rest}";
}
