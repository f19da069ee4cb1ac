using System.Text.Json;
using System.Text.Json.Serialization;
using Broker.Foundation;

namespace Broker.Mail.Ses;

/// <summary>
/// The file <c>ses-verify.json</c> (contract §7.3): when SES last said that the sender is verified, as
/// <c>{"last_verified_at":1777896000,"sender_email":"noreply@example.org"}</c>, in Unix seconds. It may be deleted.
/// </summary>
internal sealed record SesVerified(
    [property: JsonPropertyName("last_verified_at"), JsonRequired] long LastVerifiedAt,
    [property: JsonPropertyName("sender_email"), JsonRequired] string SenderEmail)
{
    private const int Longest = 4096;

    /// <summary>Null where there is no such file, or it is not one.</summary>
    public static SesVerified? Read(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            var content = new byte[Longest];
            var length = file.ReadAtLeast(content, Longest, throwOnEndOfStream: false);
            return StrictJson.Deserialize(content.AsMemory(0, length), SesJson.Default.SesVerified);
        }
        catch (Exception none) when (none is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    public void Write(string path) =>
        DurableFile.Replace(path, JsonSerializer.SerializeToUtf8Bytes(this, SesJson.Default.SesVerified));
}

[JsonSerializable(typeof(SesVerified))]
internal sealed partial class SesJson : JsonSerializerContext;
