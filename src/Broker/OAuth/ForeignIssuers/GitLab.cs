using System.Text.Json;

namespace Broker.OAuth.ForeignIssuers;

/// <summary>GitLab CI. The subject is <c>project_path:GROUP/PROJECT:ref_type:…:ref:…</c>.</summary>
internal sealed record GitLab() : Preset("gitlab")
{
    public override string Issuer => "https://gitlab.com";

    public override IReadOnlySet<string> Claims { get; } = Names(
        "sub ci_config_ref_uri ci_config_sha deployment_action deployment_tier environment environment_action "
        + "environment_protected groups_direct job_group_id job_id job_namespace_id job_namespace_path "
        + "job_project_id job_project_path job_source namespace_id namespace_path pipeline_id pipeline_source "
        + "project_id project_path project_visibility ref ref_path ref_protected ref_type runner_environment "
        + "runner_id sha user_access_level user_email user_id user_login");

    public override string? FaultOf(ForeignRule rule) =>
        IsPinned(rule, "project_id") || IsPinned(rule, "namespace_id") || IsPinned(rule, "namespace_path")
        || IsPinned(rule, "project_path", one => one.Fixed.IndexOf('/') > 0)
        || IsPinned(rule, "sub", one => one.Fixed.StartsWith("project_path:", StringComparison.Ordinal)
            && one.Fixed.IndexOf('/') > "project_path:".Length)
            ? null
            : "everybody has jobs at GitLab: claims must pin project_id, namespace_id, namespace_path, project_path "
                + "(with the group before any *), or sub (project_path:GROUP/…)";

    public override string? FaultOf(string subject, JsonElement claims, ForeignIssuer issuer)
    {
        if (Text(claims, "project_path") is not { Length: > 0 } project || Text(claims, "project_id") is null
            || Text(claims, "namespace_id") is null)
            return "it must have project_path, project_id and namespace_id";
        return subject.StartsWith($"project_path:{project}:", StringComparison.Ordinal)
            ? null
            : "its sub must be project_path:GROUP/PROJECT:…, of the project that it names";
    }
}
