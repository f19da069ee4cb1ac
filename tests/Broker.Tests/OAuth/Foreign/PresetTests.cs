using System.Text.Json.Nodes;
using Broker.Tests.Hosting;

namespace Broker.Tests.OAuth.Foreign;

/// <summary>
/// The presets, with claims as the issuers' own documentation shows them: GitHub's OpenID Connect reference with both of
/// its subject forms, GitLab's ID token reference, Kubernetes' bound service account tokens, and SPIFFE's JWT-SVID.
/// </summary>
public sealed class PresetTests : IAsyncLifetime
{
    private const string GitHubClaims = """
        {"sub":"repo:octocat/my-repo:ref:refs/heads/main","repository":"octocat/my-repo","repository_id":"456789",
         "repository_owner":"octocat","repository_owner_id":"123456","ref":"refs/heads/main","ref_type":"branch",
         "environment":"prod","job_workflow_ref":"octocat/my-repo/.github/workflows/a.yml@refs/heads/main",
         "event_name":"push","actor":"octocat","runner_environment":"github-hosted"}
        """;

    private const string GitLabClaims = """
        {"sub":"project_path:my-group/my-project:ref_type:branch:ref:feature-branch-1","namespace_id":"72",
         "namespace_path":"my-group","project_id":"20","project_path":"my-group/my-project","pipeline_id":"574",
         "job_id":"302","ref":"feature-branch-1","ref_type":"branch","ref_protected":"false","user_login":"sample-user"}
        """;

    private const string KubernetesClaims = """
        {"sub":"system:serviceaccount:prod:uploader","kubernetes.io":{"namespace":"prod",
         "pod":{"name":"p","uid":"u"},"serviceaccount":{"name":"uploader","uid":"14ee3fa4"}}}
        """;

    private const string Immutable = "repo:octocat@123456/my-repo@456789:ref:refs/heads/main";

    private readonly ForeignBroker _foreign = new();

    public Task InitializeAsync() => _foreign.InitializeAsync();

    public Task DisposeAsync() => _foreign.DisposeAsync();

    [Theory]
    [InlineData("""{"repository":"octocat/my-repo","ref":"refs/heads/main"}""", "{}", null)]
    [InlineData("""{"repository_id":"456789","environment":"prod"}""", "{}", null)]
    [InlineData("""{"repository_owner_id":"123456","job_workflow_ref":"octocat/my-repo/.github/workflows/a.yml@*"}""", "{}", null)]
    [InlineData("""{"sub":"repo:octocat/*"}""", "{}", null)]
    [InlineData("""{"sub":"repo:octocat@123456/my-repo@456789:ref:refs/heads/*"}""", $$"""{"sub":"{{Immutable}}"}""", null)]
    [InlineData("""{"repository_id":"456789"}""", $$"""{"sub":"{{Immutable}}"}""", null)]
    [InlineData("""{"sub":"repo:octocat/*"}""", $$"""{"sub":"{{Immutable}}"}""", "foreign_no_rule")]
    [InlineData("""{"repository_id":"456789"}""", """{"sub":"repo:octocat@1/my-repo@456789:ref:refs/heads/main"}""", "foreign_token_invalid")]
    [InlineData("""{"repository_id":"456789"}""", """{"sub":"repo:octocat@123456/my-repo@1:ref:refs/heads/main"}""", "foreign_token_invalid")]
    [InlineData("""{"repository_id":"456789"}""", """{"sub":"repo:mallory/my-repo:ref:refs/heads/main"}""", "foreign_token_invalid")]
    [InlineData("""{"repository_id":"456789"}""", """{"sub":"repo:octocat/my-repo-2:ref:refs/heads/main"}""", "foreign_token_invalid")]
    [InlineData("""{"repository_id":"456789"}""", """{"repository_id":null}""", "foreign_token_invalid")]
    [InlineData("""{"repository":"octocat/*"}""", """{"repository":"octocat-evil/x","sub":"repo:octocat-evil/x:ref:r"}""", "foreign_no_rule")]
    public async Task GitHub_actions(string conditions, string changes, string? code)
    {
        _foreign.Write(RuleOf(conditions), ""","preset":"github-actions" """);
        await ShouldGiveAsync(_foreign.Peer.SignRs256(Claims(GitHubClaims, changes)), code);
    }

    [Theory]
    [InlineData("""{"project_path":"my-group/my-project","ref":"feature-branch-1"}""", "{}", null)]
    [InlineData("""{"sub":"project_path:my-group/*"}""", "{}", null)]
    [InlineData("""{"namespace_id":"72","ref_protected":"true"}""", "{}", "foreign_no_rule")]
    [InlineData("""{"project_id":"20"}""", """{"sub":"project_path:other/project:ref_type:branch:ref:main"}""", "foreign_token_invalid")]
    public async Task GitLab(string conditions, string changes, string? code)
    {
        _foreign.Write(RuleOf(conditions), ""","preset":"gitlab" """);
        await ShouldGiveAsync(_foreign.Peer.SignRs256(Claims(GitLabClaims, changes)), code);
    }

    [Theory]
    [InlineData("""{"kubernetes.io":{"namespace":"prod","serviceaccount":{"name":"uploader"}}}""", "{}", null)]
    [InlineData("""{"sub":"system:serviceaccount:prod:*"}""", "{}", null)]
    [InlineData("""{"kubernetes.io":{"namespace":"dev"}}""", "{}", "foreign_no_rule")]
    [InlineData("""{"kubernetes.io":{"namespace":"prod"}}""", """{"sub":"system:serviceaccount:dev:uploader"}""", "foreign_token_invalid")]
    [InlineData("""{"kubernetes.io":{"namespace":"prod"}}""", """{"kubernetes.io":null}""", "foreign_token_invalid")]
    public async Task Kubernetes_by_keys_of_the_file(string conditions, string changes, string? code)
    {
        _foreign.Write(RuleOf(conditions), $$""","preset":"kubernetes","jwks":{{_foreign.Peer.KeySet()}}""");
        var token = _foreign.Peer.SignRs256(Claims(KubernetesClaims, changes));
        await ShouldGiveAsync(token, code);

        // A pod shows its token again and again.
        await ShouldGiveAsync(token, code);
        _foreign.Peer.KeyFetches.ShouldBe(0);
    }

    [Theory]
    [InlineData("spiffe://prod.example/ns/a/sa/b", null)]
    [InlineData("spiffe://prod.example/ns/other", "foreign_no_rule")]
    [InlineData("spiffe://dev.example/ns/a/sa/b", "foreign_issuer_unknown")]
    [InlineData("spiffe://prod.example.evil/ns/a/sa/b", "foreign_issuer_unknown")]
    [InlineData("spiffe://prod.example", "foreign_issuer_unknown")]
    [InlineData("spiffe://prod.example/ns/a/../sa", "foreign_issuer_unknown")]
    [InlineData("spiffe://prod.example/ns/a/%73a", "foreign_issuer_unknown")]
    [InlineData("spiffe://PROD.example/ns/a/sa/b", "foreign_issuer_unknown")]
    public async Task Spiffe_without_an_issuer_claim(string subject, string? code)
    {
        WriteSpiffe();
        var claims = _foreign.Peer.Claims(_foreign.App.Clock.Now, ("iss", null), ("jti", null), ("sub", subject),
            ("aud", new JsonArray("https://other.example", BrokerApp.Issuer)));

        var answer = await ShouldGiveAsync(_foreign.Peer.SignEs256(claims), code);
        if (code is null)
        {
            Jws.Read(answer, "access_token").Claims.GetProperty("agentkeys").GetProperty("identity_value").GetString()
                .ShouldBe($"spiffe://prod.example#{subject}");
        }
    }

    [Fact]
    public async Task A_svid_with_an_issuer_claim_is_known_by_its_trust_domain_and_no_iss_may_pose_as_one()
    {
        WriteSpiffe();
        var now = _foreign.App.Clock.Now;
        const string Subject = "spiffe://prod.example/ns/a/sa/b";

        await ShouldGiveAsync(_foreign.Peer.SignEs256(_foreign.Peer.Claims(now, ("sub", Subject))), null);
        await ShouldGiveAsync(_foreign.Peer.SignEs256(_foreign.Peer.Claims(now, ("iss", "spiffe://prod.example"))),
            "foreign_issuer_unknown");
    }

    private void WriteSpiffe()
    {
        var keys = _foreign.Peer.KeySet().Replace("\"sig\"", "\"jwt-svid\"", StringComparison.Ordinal);
        File.WriteAllText(_foreign.File, $$$"""
            {"issuers":[{"preset":"spiffe","issuer":"spiffe://prod.example","jwks":{{{keys}}},
             "rules":[{"name":"one","claims":{"sub":"spiffe://prod.example/ns/a/*"},"roles":["vault"]}]}]}
            """);
        File.SetLastWriteTimeUtc(_foreign.File, DateTime.UtcNow.AddMinutes(1));
    }

    private static string RuleOf(string conditions) =>
        $$"""{"name":"one","claims":{{conditions}},"roles":["vault"]}""";

    private JsonObject Claims(string documented, string changes)
    {
        var all = JsonNode.Parse(documented)!.AsObject();
        foreach (var (name, value) in JsonNode.Parse(changes)!.AsObject()) all[name] = value?.DeepClone();
        return _foreign.Peer.Claims(_foreign.App.Clock.Now, [.. all.Select(one => (one.Key, one.Value))]);
    }

    private async Task<Answer> ShouldGiveAsync(string token, string? code)
    {
        var answer = await _foreign.ExchangeAsync(token);
        return code is null ? answer.ShouldBeOk() : answer.ShouldRefuseAsOAuth(400, "invalid_grant", code);
    }
}
