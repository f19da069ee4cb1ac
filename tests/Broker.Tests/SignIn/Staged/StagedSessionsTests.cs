using Broker.Cryptography;
using Broker.SignIn.Methods;
using Broker.SignIn.Staged;
using Broker.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Tests.SignIn.Staged;

/// <summary>Sessions of finished sign-ins are kept in bounded memory, and no longer than their sign-in lasts.</summary>
public sealed class StagedSessionsTests
{
    [Fact]
    public async Task Keeps_no_more_than_its_capacity_and_forgets_what_has_expired()
    {
        const int More = 100;
        await using var broker = await MailSignIn.StartAsync();
        var sessions = broker.Services.GetRequiredService<StagedSessions>();
        var first = await FetchAsync(sessions, broker, 0);
        (await FetchAsync(sessions, broker, 0)).ShouldBe(first);

        await Parallel.ForEachAsync(
            Enumerable.Range(1, StagedSessions.Capacity + More), new ParallelOptions { MaxDegreeOfParallelism = 64 },
            async (n, _) => await FetchAsync(sessions, broker, n));

        sessions.Count.ShouldBe(StagedSessions.Capacity);
        (await FetchAsync(sessions, broker, 0)).ShouldNotBe(first);
        broker.Clock.Advance(TimeSpan.FromMinutes(10));
        await FetchAsync(sessions, broker, -1);
        sessions.Count.ShouldBe(1);
    }

    private static async Task<string> FetchAsync(StagedSessions sessions, BrokerApp broker, int n)
    {
        var state = new StagedState(
            Sha256Digest.Of($"request {n}"), null, broker.Clock.Now + TimeSpan.FromMinutes(10));
        var issued = await sessions.GetAsync(
            state, new ProvenIdentity("email", $"user{n}@example.org"), SignInMethod.EmailLink, "request");
        return issued.Token;
    }
}
