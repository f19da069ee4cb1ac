using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Broker.Tests.Hosting;

/// <summary>
/// The signed form of a mint (contract §2.8) as a client makes it: canonical JSON with sorted keys and no white space,
/// signed as a personal message, the signature then put under <c>auth</c>. Worked out here, not by the broker's code.
/// </summary>
internal static class SignedMintBody
{
    private static readonly JsonSerializerOptions Compact =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static JsonObject Unsigned(string address, DateTimeOffset issuedAt, string? requestId = null) => new()
    {
        ["request_id"] = requestId ?? Guid.NewGuid().ToString("n"),
        ["issued_at"] = issuedAt.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ"),
        ["intent"] = new JsonObject { ["agent_id"] = address, ["service"] = "s3", ["scope_path"] = "bots/zürich €/" },
        ["auth"] = new JsonObject { ["address"] = address },
    };

    public static JsonObject Signed(Wallet wallet, DateTimeOffset issuedAt, string? requestId = null) =>
        SignedBy(wallet, Unsigned(wallet.Address, issuedAt, requestId));

    public static JsonObject SignedBy(Wallet wallet, JsonObject body)
    {
        body["auth"]!["signature"] = wallet.Sign(Canonical(body));
        return body;
    }

    /// <summary>What is signed: the body without <c>auth.signature</c>.</summary>
    public static byte[] Canonical(JsonObject body)
    {
        var bare = body.DeepClone().AsObject();
        bare["auth"]?.AsObject().Remove("signature");
        return Encoding.UTF8.GetBytes(Sorted(bare).ToJsonString(Compact));
    }

    private static JsonNode Sorted(JsonNode node) => node is JsonObject members
        ? new JsonObject(members
            .OrderBy(member => member.Key, StringComparer.Ordinal)
            .Select(member => KeyValuePair.Create(member.Key, member.Value is { } value ? Sorted(value) : null)))
        : node.DeepClone();
}
