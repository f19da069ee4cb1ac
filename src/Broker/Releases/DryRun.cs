using System.Buffers;
using System.Text.Json;
using Broker.Foundation;
using Broker.Http;
using Broker.Identity;

namespace Broker.Releases;

/// <summary>
/// <c>?dry_run=true</c> of a mint: what would be granted, with every check and its result, by the list that the mint
/// itself walks. It calls nobody, writes nothing, and holds no credential: the claims are shown unsigned.
/// </summary>
internal sealed class DryRun(ReleasePolicy policy)
{
    /// <summary>The answer's JSON.</summary>
    /// <param name="request">What is wanted.</param>
    /// <param name="before">Checks of the route itself, which come before the list.</param>
    /// <param name="writeGrant">Writes what would be granted.</param>
    public ReadOnlyMemory<byte> Rehearse(
        MintRequest request, IReadOnlyList<PolicyCheck> before, Action<Utf8JsonWriter, ApprovedMint> writeGrant)
    {
        var (listed, mint) = policy.Explain(request);
        var caller = request.Caller;
        PolicyCheck[] checks =
            [new("authenticated", $"{caller.WalletOrActor} by {caller.Proof}"), .. before, .. listed];
        var granted = checks.All(check => check.Refusal is null) ? mint : null;
        return Write(checks, granted is not null, json =>
        {
            if (granted is not null) writeGrant(json, granted);
        });
    }

    /// <summary>The mint would give the answer that it gave before; nothing else is looked at.</summary>
    public static ReadOnlyMemory<byte> RehearseReplay(VerifiedCaller caller, PolicyCheck replayed) => Write(
        [new("authenticated", $"{caller.WalletOrActor} by {caller.Proof}"), replayed], granted: true, _ => { });

    private static ReadOnlyMemory<byte> Write(
        IReadOnlyList<PolicyCheck> checks, bool granted, Action<Utf8JsonWriter> writeGrant)
    {
        var body = new ArrayBufferWriter<byte>(2048);
        using (var json = new Utf8JsonWriter(body, StrictJson.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteBoolean("dry_run"u8, true);
            json.WriteBoolean("granted"u8, granted);
            WriteChecks(json, checks);
            writeGrant(json);
            json.WriteEndObject();
        }

        return body.WrittenMemory;
    }

    private static void WriteChecks(Utf8JsonWriter json, IReadOnlyList<PolicyCheck> checks)
    {
        json.WriteStartArray("checks"u8);
        foreach (var check in checks)
        {
            json.WriteStartObject();
            json.WriteString("check"u8, check.Name);
            json.WriteBoolean("passed"u8, check.Refusal is null);
            json.WriteString("found"u8, check.Found);
            if (check.Refusal is { } refusal)
            {
                json.WriteString("code"u8, refusal.Code.Text);
                json.WriteString("next_step"u8, refusal.Code.NextStep);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}

internal static class DryRunDescription
{
    /// <summary>Describes the query parameter in the OpenAPI document.</summary>
    public static RouteHandlerBuilder TakesDryRun(this RouteHandlerBuilder route) => route.TakesQuery(
        "dry_run", "true answers what would be granted, and releases nothing.", "true", "false");
}
