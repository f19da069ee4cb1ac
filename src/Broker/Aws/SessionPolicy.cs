using System.Buffers;
using System.Text;
using System.Text.Json;
using Broker.Foundation;
using Broker.Releases;
using Broker.Roles;

namespace Broker.Aws;

/// <summary>
/// The inline session policy that narrows a session to the actor's own prefix of the role's bucket: an intersection
/// with what the role may do anyway, so a mistake in a bucket policy does not open other actors' objects (decisions
/// C14, C20).
/// </summary>
internal static class SessionPolicy
{
    private static readonly string[] ObjectActions =
        ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"];

    /// <summary>The policy for this mint, or null where the role is not narrowed.</summary>
    public static string? For(ApprovedMint mint, CatalogueRole role)
    {
        if (!role.NarrowToOwnPrefix || role.Bucket is not { } bucket) return null;

        var arn = $"arn:{role.Arn.Partition}:s3:::{bucket}";
        var prefixes = OwnPrefixes(mint, role);
        var text = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(text, StrictJson.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteString("Version"u8, "2012-10-17"u8);
            json.WriteStartArray("Statement"u8);

            json.WriteStartObject();
            json.WriteString("Sid"u8, "OwnObjects"u8);
            json.WriteString("Effect"u8, "Allow"u8);
            WriteArray(json, "Action", ObjectActions);
            WriteArray(json, "Resource", prefixes.Select(prefix => $"{arn}/{prefix}*"));
            json.WriteEndObject();

            json.WriteStartObject();
            json.WriteString("Sid"u8, "ListOwnPrefix"u8);
            json.WriteString("Effect"u8, "Allow"u8);
            WriteArray(json, "Action", ["s3:ListBucket"]);
            WriteArray(json, "Resource", [arn]);
            json.WriteStartObject("Condition"u8);
            json.WriteStartObject("StringLike"u8);
            WriteArray(json, "s3:prefix", prefixes.Select(prefix => $"{prefix}*"));
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndObject();

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    /// <summary>The actor's prefix in every bucket; in the mail bucket the wallet's too.</summary>
    private static string[] OwnPrefixes(ApprovedMint mint, CatalogueRole role) =>
        role.Name == RoleCatalogue.DefaultName && mint.Caller.Wallet is { } wallet
            ? [$"bots/{mint.Caller.Actor}/", $"bots/{wallet}/"]
            : [$"bots/{mint.Caller.Actor}/"];

    private static void WriteArray(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values) json.WriteStringValue(value);
        json.WriteEndArray();
    }
}
