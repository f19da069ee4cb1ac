using System.Text.Json;

namespace Broker.OAuth.ForeignIssuers;

/// <summary>
/// GitHub Actions. The subject is <c>repo:OWNER/REPO:…</c>, or with immutable ids <c>repo:OWNER@ID/REPO@ID:…</c>; in
/// both it must name the repository that the token's other claims name.
/// </summary>
internal sealed record GitHubActions() : Preset("github-actions")
{
    public override string Issuer => "https://token.actions.githubusercontent.com";

    public override IReadOnlySet<string> Claims { get; } = Names(
        "sub actor actor_id base_ref check_run_id enterprise enterprise_id environment environment_node_id event_name "
        + "head_ref job_workflow_ref job_workflow_sha ref ref_protected ref_type repository repository_id "
        + "repository_owner repository_owner_id repository_visibility run_attempt run_id run_number "
        + "runner_environment sha workflow workflow_ref workflow_sha");

    public override string? FaultOf(ForeignRule rule) =>
        IsPinned(rule, "repository_id") || IsPinned(rule, "repository_owner_id") || IsPinned(rule, "repository_owner")
        || IsPinned(rule, "repository", one => one.Fixed.IndexOf('/') > 0)
        || IsPinned(rule, "sub", one => one.Fixed.StartsWith("repo:", StringComparison.Ordinal)
            && one.Fixed.IndexOf('/') > "repo:".Length)
            ? null
            : "everybody has jobs at GitHub: claims must pin repository_id, repository_owner_id, repository_owner, "
                + "repository (with the owner before any *), or sub (repo:OWNER/…)";

    public override string? FaultOf(string subject, JsonElement claims, ForeignIssuer issuer)
    {
        if (Text(claims, "repository") is not { } repository || Text(claims, "repository_id") is not { } id
            || Text(claims, "repository_owner_id") is not { } ownerId
            || repository.Split('/') is not [{ Length: > 0 } owner, { Length: > 0 } name])
            return "it must have repository, repository_id and repository_owner_id";
        return subject.StartsWith($"repo:{repository}:", StringComparison.Ordinal)
            || subject.StartsWith($"repo:{owner}@{ownerId}/{name}@{id}:", StringComparison.Ordinal)
                ? null
                : "its sub must be repo:OWNER/REPO:… or repo:OWNER@ID/REPO@ID:…, of the repository that it names";
    }
}
