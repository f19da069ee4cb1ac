using System.Text.Json;
using System.Text.Json.Serialization;
using Broker.Foundation;
using Broker.Foundation.Settings;

namespace Broker.SigningKeys;

/// <summary>
/// A key file, mode 0600 (contract §3.5):
/// <code>
/// {
///   "kid": "v1-1777000000",
///   "private_key_pem": "-----BEGIN PRIVATE KEY-----\n…",
///   "purpose": "oidc"
/// }
/// </code>
/// The PEM is PKCS#8: P-256 for the purposes <c>oidc</c> and <c>session</c>, RSA for <c>oidc-rs256</c>, Ed25519 (RFC
/// 8410) for <c>ledger</c>.
/// </summary>
internal sealed record KeyFile(
    [property: JsonPropertyName("kid"), JsonRequired] string KeyId,
    [property: JsonPropertyName("private_key_pem"), JsonRequired] string PrivateKeyPem,
    [property: JsonPropertyName("purpose")] string? Purpose)
{
    private const int Longest = 16 * 1024;

    /// <summary>
    /// Reads the key file. A file for another purpose, one that others may read, or one that is malformed is refused;
    /// an <c>oidc</c> file may lack its purpose, as the first ones did.
    /// </summary>
    /// <exception cref="BootFailException">The file is missing or not usable; says how to make one.</exception>
    public static KeyFile Read(string path, string purpose, Setting setting)
    {
        BootFailException Fail(string reason, Exception? cause = null) =>
            BootFailException.At(setting, path, reason, cause);

        if (!File.Exists(path))
        {
            throw Fail($"no such key file; make one: dotnet Broker.dll keygen --purpose {purpose} --out {path} "
                + "(--init makes those that are missing, as does BROKER_DEV_MODE=true on a laptop)");
        }

        try
        {
            var read = StrictJson.Deserialize(SecretFile.ReadBytes(path, Longest), KeyFileJson.Default.KeyFile);
            if (read.Purpose != purpose && !(read.Purpose is null && purpose == KeyPurpose.Oidc))
                throw Fail($"is a key file for {read.Purpose ?? "an unnamed purpose"}, not for {purpose}");
            // It stands in the header of each token, and as the session name in the entry of each.
            if (read.KeyId.Length is 0 or > 128 || read.KeyId.AsSpan().ContainsAnyExceptInRange('!', '~'))
                throw Fail("has no usable kid: it must be 1 to 128 printable ASCII characters without spaces");
            return read;
        }
        catch (JsonException wrong)
        {
            throw Fail("is not a key file: it must be JSON with kid, private_key_pem and purpose", wrong);
        }
        catch (FormatException unusable)
        {
            throw Fail(unusable.Message, unusable);
        }
    }

    /// <summary>
    /// Writes a new key file, mode 0600, as <see cref="DurableFile"/> does. An existing file is never replaced.
    /// </summary>
    /// <exception cref="IOException">The name is taken, or the folder cannot be written.</exception>
    public void Write(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!, DurableFile.OwnerOnlyFolder);
        DurableFile.Create(path, JsonSerializer.SerializeToUtf8Bytes(this, KeyFileJson.Default.KeyFile));
    }
}

/// <summary>The values of a key file's <c>purpose</c>.</summary>
internal static class KeyPurpose
{
    public const string Oidc = "oidc";
    public const string OidcRs256 = "oidc-rs256";
    public const string Session = "session";
    public const string Ledger = "ledger";

    public static readonly string[] All = [Oidc, OidcRs256, Session, Ledger];
}

[JsonSerializable(typeof(KeyFile))]
[JsonSourceGenerationOptions(WriteIndented = true, RespectNullableAnnotations = true)]
internal sealed partial class KeyFileJson : JsonSerializerContext;
