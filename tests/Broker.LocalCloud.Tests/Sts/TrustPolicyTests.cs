using System.Text.Json.Nodes;
using Broker.LocalCloud.Tests.Support;

namespace Broker.LocalCloud.Tests.Sts;

/// <summary>What a role's trust policy must allow before STS hands its credentials to a token.</summary>
public sealed class TrustPolicyTests
{
    private const string Role = "arn:aws:iam::123456789012:role/team/reader";

    [Theory]
    [InlineData("""["sts:AssumeRoleWithWebIdentity","sts:TagSession","sts:SetSourceIdentity"]""", null)]
    [InlineData(
        """["sts:AssumeRoleWithWebIdentity","sts:SetSourceIdentity"]""", "Not authorized to perform sts:TagSession")]
    [InlineData(
        """["sts:AssumeRoleWithWebIdentity","sts:TagSession"]""", "Not authorized to perform sts:SetSourceIdentity")]
    [InlineData("""["sts:AssumeRole","sts:TagSession"]""", "Not authorized to perform sts:AssumeRoleWithWebIdentity")]
    public async Task Each_thing_that_the_token_brings_needs_its_action(string actions, string? refusal)
    {
        await using var cloud = await CloudUnderTest.StartAsync(issuer => Account(issuer, actions, "{}"));
        var claims = cloud.Issuer.Claims();
        claims["https://aws.amazon.com/source_identity"] = "alice";

        await ExpectAsync(cloud, claims, refusal);
    }

    [Theory]
    [InlineData("""{"StringEquals":{"ISSUER:aud":"sts.amazonaws.com"}}""", true)]
    [InlineData("""{"StringEquals":{"ISSUER:aud":"somebody else"}}""", false)]
    [InlineData("""{"StringLike":{"ISSUER:sub":"agentkeys:agent:0x*"}}""", true)]
    [InlineData("""{"StringEquals":{"ISSUER:sub":"agentkeys:agent:0x*"}}""", false)]
    [InlineData("""{"StringLike":{"aws:RequestTag/agentkeys_actor_omni":"b004*"}}""", true)]
    [InlineData("""{"Null":{"aws:RequestTag/agentkeys_actor_omni":"false"}}""", true)]
    [InlineData("""{"Null":{"aws:RequestTag/team":"false"}}""", false)]
    [InlineData("""{"Bool":{"sts:RoleAuthorizedByIdp":"true"}}""", false)]
    [InlineData("""{"Bool":{"sts:RoleAuthorizedByIdp":"false"}}""", true)]
    [InlineData(
        """{"ForAllValues:StringEquals":{"aws:TagKeys":["agentkeys_actor_omni","agentkeys_user_wallet"]}}""", true)]
    [InlineData("""{"ForAllValues:StringEquals":{"aws:TagKeys":["agentkeys_actor_omni"]}}""", false)]
    [InlineData("""{"StringLike":{"sts:RoleSessionName":"agentkeys-*"}}""", true)]
    [InlineData("""{"StringEquals":{"accounts.google.com:aud":"sts.amazonaws.com"}}""", false)]
    public async Task Conditions_decide(string condition, bool trusted)
    {
        await using var cloud = await CloudUnderTest.StartAsync(issuer => Account(
            issuer, "\"sts:*\"", condition.Replace("ISSUER", issuer["http://".Length..], StringComparison.Ordinal)));

        await ExpectAsync(
            cloud, cloud.Issuer.Claims(), trusted ? null : "Not authorized to perform sts:AssumeRoleWithWebIdentity");
    }

    [Fact]
    public async Task A_role_pinned_by_the_issuer_satisfies_RoleAuthorizedByIdp()
    {
        await using var cloud = await CloudUnderTest.StartAsync(issuer => Account(
            issuer, "\"sts:*\"", """{"Bool":{"sts:RoleAuthorizedByIdp":"true"}}"""));
        var claims = cloud.Issuer.Claims();
        claims["https://aws.amazon.com/roles"] = new JsonArray(Role);

        await ExpectAsync(cloud, claims, null);
    }

    [Fact]
    public async Task Trusts_only_the_provider_that_the_policy_names()
    {
        await using var cloud = await CloudUnderTest.StartAsync(issuer => Account(issuer, "\"sts:*\"", "{}")
            .Replace("oidc-provider/127.0.0.1", "oidc-provider/127.0.0.2", StringComparison.Ordinal));

        await ExpectAsync(cloud, cloud.Issuer.Claims(), "Not authorized to perform sts:AssumeRoleWithWebIdentity");
    }

    [Fact]
    public async Task Lasts_no_longer_than_the_role_allows()
    {
        await using var cloud = await CloudUnderTest.StartAsync(issuer => Account(issuer, "\"sts:*\"", "{}"));
        var request = cloud.WebIdentityRequest(cloud.Issuer.Claims(), Role);
        request.DurationSeconds = 3601;

        var (code, message) = await cloud.RefusalOfAsync(request);

        code.ShouldBe("ValidationError");
        message.ShouldBe("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
    }

    private static async Task ExpectAsync(CloudUnderTest cloud, JsonObject claims, string? refusal)
    {
        var request = cloud.WebIdentityRequest(claims, Role);
        if (refusal is not null)
        {
            (await cloud.RefusalOfAsync(request)).ShouldBe(("AccessDenied", refusal));
            return;
        }

        using var sts = cloud.Sts();
        var answer = await sts.AssumeRoleWithWebIdentityAsync(request);
        answer.AssumedRoleUser.Arn.ShouldBe("arn:aws:sts::123456789012:assumed-role/reader/agentkeys-test");
    }

    private static string Account(string issuer, string actions, string condition) => $$"""
        {
          "account": "123456789012",
          "providers": [{ "issuer": "{{issuer}}", "clientIds": ["sts.amazonaws.com"] }],
          "roles": [{ "name": "team/reader", "trustPolicy": { "Version": "2012-10-17", "Statement": {
            "Effect": "Allow",
            "Principal": { "Federated": "arn:aws:iam::123456789012:oidc-provider/{{issuer["http://".Length..]}}" },
            "Action": {{actions}}, "Condition": {{condition}} } } }]
        }
        """;
}
