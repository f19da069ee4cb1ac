using Broker.KmsAuthorizer.Tests.Policy;

namespace Broker.KmsAuthorizer.Tests.Http;

/// <summary>One spelling for each address, and HEAD wherever GET: every route, over a socket.</summary>
public sealed class SpellingTests
{
    [Fact]
    public async Task Every_route_answers_at_its_own_spelling_and_at_no_other()
    {
        await using var policy = await PolicyOnDisk.WithAsync(PolicyOnDisk.Permissive());
        var walk = await ListenerWalk.OfAsync(policy.Authorizer.Http.BaseAddress!);

        walk.Routes.Count.ShouldBe(4);
        await walk.KnowsOneSpellingAsync();
    }

    [Fact]
    public async Task HEAD_answers_where_GET_does()
    {
        await using var policy = await PolicyOnDisk.WithAsync(PolicyOnDisk.Permissive());
        var walk = await ListenerWalk.OfAsync(policy.Authorizer.Http.BaseAddress!);

        walk.Routes.ShouldContain(("GET", "/"));
        await walk.TakesHeadWhereverGetAsync();
    }
}
