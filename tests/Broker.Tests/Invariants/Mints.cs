using Broker.Tests.Agents;
using Broker.Tests.Hosting;

namespace Broker.Tests.Invariants;

/// <summary>The ways in which a credential leaves the house, by name, so that each fault is tried on each.</summary>
internal static class Mints
{
    public const string OidcToken = "an OIDC token", AwsCredentials = "AWS credentials",
    SessionToken = "a session token", AgentSession = "an agent's session token";

    /// <summary>
    /// Asks for the credential. What has to come before it (a session, a signed challenge) is made by <see
    /// cref="PrepareAsync"/>.
    /// </summary>
    public static async Task<Func<Task<Answer>>> PrepareAsync(BrokerApp broker, Wallet wallet, string what)
    {
        if (what == SessionToken)
        {
            var challenge = await broker.ChallengeAsync(wallet.Address);
            return () => broker.PostAsync(
                "/v1/auth/wallet/verify",
                new { request_id = challenge["request_id"], signature = wallet.Sign(challenge["siwe_message"]!) });
        }

        var session = await broker.SignInAsync(wallet);
        if (what == AgentSession) return await ClaimAsync(broker, session);

        var route = what == OidcToken ? "/v1/mint-oidc-jwt" : "/v1/mint-aws-creds";
        return () => broker.PostAsync(route, bearer: session);
    }

    /// <summary>The same request again, whole: for when the fault is over.</summary>
    public static async Task ShouldWorkAgainAsync(BrokerApp broker, Wallet wallet, string what)
    {
        var mint = await PrepareAsync(broker, wallet, what);
        var answer = (await mint()).ShouldBeOk();
        broker.RowOf(answer).Outcome.ShouldBe("ok");
    }

    private static async Task<Func<Task<Answer>>> ClaimAsync(BrokerApp broker, string session)
    {
        // The key's owner is the closure: it signs at each poll.
        var device = new Device();
        var asked = (await broker.RequestPairingAsync(device)).ShouldBeOk();
        (await broker.ClaimAsync(asked["pairing_code"], session)).ShouldBeOk();
        return () => broker.PollAsync(asked["request_id"], device);
    }
}
