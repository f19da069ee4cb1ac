using System.Buffers;
using System.Text.Json;
using Broker.Configuration;
using Broker.Foundation;
using Broker.Http;
using Broker.Releases;
using Broker.Sessions;
using Broker.Tokens;

namespace Broker.Aws;

/// <summary>
/// <c>POST /v1/mint-aws-creds?dry_run=true</c>: what would be granted, with every check and its result. It calls
/// nobody, writes nothing, and holds no credential: the claims are shown unsigned.
/// </summary>
internal sealed class DryRun(ReleasePolicy policy, OidcTokenSigner signer, BrokerOptions options)
{
    public static Outcome<bool> IsAsked(HttpRequest request)
    {
        var values = request.Query["dry_run"];
        return values.Count switch
        {
            0 => false,
            1 when values[0] == "true" => true,
            1 when values[0] == "false" => false,
            _ => new Refusal(RefusalCode.InvalidField, "dry_run must be true or false"),
        };
    }

    public IResult Answer(VerifiedCaller caller, WantedMint wanted, string requestId)
    {
        var (checks, mint) = policy.Explain(caller, wanted, requestId);
        var body = new ArrayBufferWriter<byte>(2048);
        using (var json = new Utf8JsonWriter(body, StrictJson.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteBoolean("dry_run"u8, true);
            json.WriteBoolean("granted"u8, mint is not null);
            WriteChecks(json, checks);
            if (mint is not null) WriteGrant(json, mint);
            json.WriteEndObject();
        }

        return TypedResults.Bytes(body.WrittenMemory, "application/json; charset=utf-8");
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
                json.WriteString("code"u8, ErrorAnswer.CodeText(refusal.Code));
                json.WriteString("next_step"u8, RefusalCatalog.Of(refusal.Code).NextStep);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void WriteGrant(Utf8JsonWriter json, ApprovedMint mint)
    {
        var role = mint.Role!;
        json.WriteString("wallet"u8, mint.Caller.WalletOrActor);
        json.WriteString("role"u8, role.Name);
        json.WriteString("role_arn"u8, role.Arn.Text);
        json.WriteNumber("duration_seconds"u8, (int)mint.Lifetime.TotalSeconds);
        json.WriteString("sts_mode"u8, AwsCredentialRelease.ModeText(options.Aws.Mode));
        json.WriteStartObject("tags"u8);
        foreach (var (key, value) in mint.Tags) json.WriteString(key, value);
        json.WriteEndObject();

        // The policy as an object, so that a person can read it; STS gets the same text.
        json.WritePropertyName("session_policy"u8);
        if (SessionPolicy.For(mint, role) is { } text) json.WriteRawValue(text);
        else json.WriteNullValue();

        json.WritePropertyName("claims"u8);
        signer.WriteClaims(json, mint, WebIdentityToken.LifetimeSeconds);
    }
}
