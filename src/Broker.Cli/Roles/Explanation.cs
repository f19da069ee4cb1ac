using System.Text.Json;
using Broker.Cli.Client;

namespace Broker.Cli.Roles;

/// <summary>A dry run as <c>brokerctl explain --json</c> prints it: the broker's answer, with what to change.</summary>
/// <param name="TrustPolicyActions">What the role's trust policy in AWS must allow; the dry run asks no AWS.</param>
internal sealed record Explanation(
    bool Granted, IReadOnlyList<ExplainedCheck> Checks, string? Wallet, string? Role, string? RoleArn,
    string? ViaRoleArn, int? DurationSeconds, string? StsMode, IReadOnlyDictionary<string, string>? Tags,
    JsonElement? SessionPolicy, JsonElement? Claims, IReadOnlyList<string>? TrustPolicyActions)
{
    private const string SourceIdentity = "https://aws.amazon.com/source_identity";

    public static Explanation Of(Rehearsal told) => new(
        told.Granted, [.. told.Checks.Select(ExplainedCheck.Of)], told.Wallet, told.Role, told.RoleArn, told.ViaRoleArn,
        told.DurationSeconds, told.StsMode, told.Tags, told.SessionPolicy, told.Claims,
        told.RoleArn is null ? null : ActionsFor(told));

    /// <summary>Without <c>sts:TagSession</c> AWS refuses the whole call, for each one carries tags.</summary>
    private static string[] ActionsFor(Rehearsal told)
    {
        string[] actions =
        [
            told is { StsMode: "web_identity", ViaRoleArn: null } ? "sts:AssumeRoleWithWebIdentity" : "sts:AssumeRole",
            "sts:TagSession",
        ];
        return told.Claims is { ValueKind: JsonValueKind.Object } claims && claims.TryGetProperty(SourceIdentity, out _)
            ? [.. actions, "sts:SetSourceIdentity"]
            : actions;
    }
}

/// <param name="Change">What an operator can change so that it passes.</param>
internal sealed record ExplainedCheck(
    string Check, bool Passed, string Found, string? Code, string? NextStep, string? Change)
{
    public static ExplainedCheck Of(RehearsedCheck told) => new(
        told.Check, told.Passed, told.Found, told.Code, told.NextStep,
        told.Passed ? null : Remedy.Of(told.Code, told.Found));
}
