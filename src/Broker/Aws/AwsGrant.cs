using System.Text.Json;
using Broker.Releases;
using Broker.Tokens;

namespace Broker.Aws;

/// <summary>What a dry run shows of the AWS credentials that would be granted.</summary>
internal sealed class AwsGrant(OidcTokenSigner signer, AwsOptions options)
{
    public void Write(Utf8JsonWriter json, ApprovedMint mint)
    {
        var role = mint.Role!;
        json.WriteString("wallet"u8, mint.Caller.WalletOrActor);
        json.WriteString("role"u8, role.Name);
        json.WriteString("role_arn"u8, role.Arn.Text);
        if (role.Via is { } via) json.WriteString("via_role_arn"u8, via.Arn.Text);
        json.WriteNumber("duration_seconds"u8, (int)mint.Lifetime.TotalSeconds);
        json.WriteString("sts_mode"u8, AwsCredentialRelease.ModeText(options.Mode));
        json.WriteStartObject("tags"u8);
        foreach (var (key, value) in mint.Tags) json.WriteString(key, value);
        json.WriteEndObject();

        // The policy as an object, so that a person can read it; STS gets the same text.
        json.WritePropertyName("session_policy"u8);
        if (SessionPolicy.For(mint, role) is { } text) json.WriteRawValue(text);
        else json.WriteNullValue();

        json.WritePropertyName("claims"u8);
        signer.WriteClaims(json, mint.Hop ?? mint, WebIdentityToken.LifetimeSeconds);
    }
}
