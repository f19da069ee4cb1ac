using System.Buffers;
using System.Text;
using System.Text.Json;
using Broker.Foundation;
using Broker.Identity;
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

    private static readonly string[] HopActions = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"];

    /// <summary>The policy for this mint, or null where the role is not narrowed.</summary>
    public static string? For(ApprovedMint mint, CatalogueRole role)
    {
        if (!role.NarrowToOwnPrefix || role.Bucket is not { } bucket) return null;

        var arn = $"arn:{role.Arn.Partition}:s3:::{bucket}";
        var prefixes = OwnPrefixes(mint.Caller, role);
        return Write(json =>
        {
            WriteStatement(json, "OwnObjects", ObjectActions, prefixes.Select(prefix => $"{arn}/{prefix}*"));
            WriteStatement(json, "ListOwnPrefix", ["s3:ListBucket"], [arn], prefixes.Select(prefix => $"{prefix}*"));
        });
    }

    /// <summary>For a session that is for assuming <paramref name="next"/> and nothing else.</summary>
    public static string ToAssume(CatalogueRole next) =>
        Write(json => WriteStatement(json, "AssumeNextRole", HopActions, [next.Arn.Text]));

    /// <summary>The actor's prefix in every bucket; in the mail bucket the wallet's too.</summary>
    public static IReadOnlyList<string> OwnPrefixes(VerifiedCaller caller, CatalogueRole role) =>
        role.Name == RoleCatalogue.DefaultName && caller.Wallet is { } wallet
            ? [$"bots/{caller.Actor}/", $"bots/{wallet}/"]
            : [$"bots/{caller.Actor}/"];

    private static string Write(Action<Utf8JsonWriter> writeStatements)
    {
        var text = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(text, StrictJson.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteString("Version"u8, "2012-10-17"u8);
            json.WriteStartArray("Statement"u8);
            writeStatements(json);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    /// <param name="prefixes">Of the listing that is allowed; null where the statement is not on a listing.</param>
    private static void WriteStatement(
        Utf8JsonWriter json, string id, IEnumerable<string> actions, IEnumerable<string> resources,
        IEnumerable<string>? prefixes = null)
    {
        json.WriteStartObject();
        json.WriteString("Sid"u8, id);
        json.WriteString("Effect"u8, "Allow"u8);
        WriteArray(json, "Action", actions);
        WriteArray(json, "Resource", resources);
        if (prefixes is not null)
        {
            json.WriteStartObject("Condition"u8);
            json.WriteStartObject("StringLike"u8);
            WriteArray(json, "s3:prefix", prefixes);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteArray(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values) json.WriteStringValue(value);
        json.WriteEndArray();
    }
}
