using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Broker.Cli.Terminal;

namespace Broker.Cli.Issuer;

/// <summary>
/// The report for programs: <c>ok</c> (nothing failed and nothing was left unchecked), <c>reason</c> (the code of the
/// first check that failed, else null), <c>issuer</c>, <c>made_at</c> (Unix seconds), <c>nonce</c> (hex or null),
/// <c>tee</c>, <c>keys</c> (thumbprints), <c>ledger_key</c>, <c>checkpoint</c> (<c>origin</c>, <c>size</c>,
/// <c>root</c>), <c>measured</c> (by name; null where the quote does not hold) and <c>checks</c>, each with
/// <c>check</c>, <c>result</c> (<c>ok</c>, <c>failed</c>, <c>not_checked</c>), <c>code</c> and <c>detail</c>. What is
/// not known is null.
/// </summary>
internal static class IssuerReportJson
{
    public static void Write(TextWriter output, IssuerReport report)
    {
        var statement = report.Statement;
        var answer = new IssuerAnswer(
            report is { IsRefused: false, IsComplete: true },
            report.Checks.FirstOrDefault(check => check.Result == CheckResult.Failed)?.Code,
            statement?.Issuer,
            statement?.MadeAt.ToUnixTimeSeconds(),
            statement is null || statement.Nonce.IsEmpty ? null : Convert.ToHexStringLower(statement.Nonce.Span),
            report.Tee,
            statement?.Keys,
            statement?.LedgerKey,
            report.Checkpoint is { } newest
                ? new CheckpointAnswer(newest.Origin, newest.Size, newest.Root.ToBase64())
                : null,
            report.Measured is { } measured
                ? new JsonObject(measured.All.Select(
                    one => KeyValuePair.Create(one.Name, (JsonNode?)JsonValue.Create(one.Value))))
                : null,
            [.. report.Checks.Select(one => new CheckAnswer(one.Name, WordOf(one.Result), one.Code, one.What))]);
        JsonOutput.Write(output, answer, IssuerJson.Indented.IssuerAnswer);
    }

    private static string WordOf(CheckResult result) => result switch
    {
        CheckResult.Ok => "ok",
        CheckResult.Failed => "failed",
        _ => "not_checked",
    };
}

/// <summary>The answer of <c>issuer verify --json</c>; see <see cref="IssuerReportJson"/>.</summary>
internal sealed record IssuerAnswer(
    bool Ok, string? Reason, string? Issuer, long? MadeAt, string? Nonce, string? Tee, IReadOnlyList<string>? Keys,
    string? LedgerKey, CheckpointAnswer? Checkpoint, JsonObject? Measured, IReadOnlyList<CheckAnswer> Checks);

/// <param name="Root">Base64.</param>
internal sealed record CheckpointAnswer(string Origin, long Size, string Root);

internal sealed record CheckAnswer(string Check, string Result, string? Code, string Detail);

[JsonSerializable(typeof(IssuerAnswer))]
internal sealed partial class IssuerJson : JsonSerializerContext
{
    public static readonly IssuerJson Indented = new(JsonOutput.Indented);
}
