using System.Net;
using Broker.KmsAuthorizer.Tests.Policy;

namespace Broker.KmsAuthorizer.Tests.Http;

/// <summary>One spelling for each address, and HEAD wherever GET.</summary>
public sealed class SpellingTests
{
    [Theory]
    [InlineData("/bootauth/kms")]
    [InlineData("/BootAuth/kms")]
    [InlineData("/bootAuth/KMS")]
    [InlineData("/bootAuth/kms/")]
    [InlineData("/bootAuth//app")]
    public async Task Another_spelling_decides_nothing(string path)
    {
        await using var policy = await PolicyOnDisk.WithAsync(PolicyOnDisk.Permissive());
        var service = policy.Authorizer;

        (await service.PostAsync(path, "{}")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task HEAD_answers_where_GET_does()
    {
        await using var policy = await PolicyOnDisk.WithAsync(PolicyOnDisk.Permissive());
        var service = policy.Authorizer;

        using var head = await service.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/"));
        head.StatusCode.ShouldBe((await service.GetAsync()).Status);
        (await head.Content.ReadAsByteArrayAsync()).ShouldBeEmpty();
    }
}
