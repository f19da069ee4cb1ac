using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Broker.Cryptography.Native;

/// <summary>
/// The calls of libsecp256k1 that are used here, and the one context they share. The library comes with the package
/// Secp256k1.Net; the package's own class is not used, because it never blinds its context. The library aborts the
/// process on arguments that break its rules, so lengths and recovery ids are checked before every call.
/// </summary>
internal static unsafe partial class LibSecp256k1
{
    public const string Library = "secp256k1";

    /// <summary>Size of the library's own forms of a public key (64) and of a recoverable signature (65).</summary>
    public const int KeySize = 64;
    public const int RecoverableSize = 65;

    public const uint Compressed = 0x102;
    public const uint Uncompressed = 0x002;

    private const uint SignAndVerify = 0x301;

    private static readonly Lazy<nint> SharedContext = new(CreateContext);

    /// <summary>
    /// Blinded once with fresh randomness when it is made (against side channels) and never changed afterwards, which
    /// is what makes it safe to share between threads.
    /// </summary>
    public static nint Context => SharedContext.Value;

    [LibraryImport(Library, EntryPoint = "secp256k1_ec_seckey_verify")]
    public static partial int VerifySecretKey(nint context, byte* secretKey);

    [LibraryImport(Library, EntryPoint = "secp256k1_ec_pubkey_create")]
    public static partial int CreatePublicKey(nint context, byte* key, byte* secretKey);

    [LibraryImport(Library, EntryPoint = "secp256k1_ec_pubkey_parse")]
    public static partial int ParsePublicKey(nint context, byte* key, byte* input, nuint inputLength);

    [LibraryImport(Library, EntryPoint = "secp256k1_ec_pubkey_serialize")]
    public static partial int SerializePublicKey(nint context, byte* output, nuint* outputLength, byte* key, uint form);

    [LibraryImport(Library, EntryPoint = "secp256k1_ecdsa_recoverable_signature_parse_compact")]
    public static partial int ParseRecoverable(nint context, byte* signature, byte* compact64, int recoveryId);

    [LibraryImport(Library, EntryPoint = "secp256k1_ecdsa_recoverable_signature_serialize_compact")]
    public static partial int SerializeRecoverable(nint context, byte* compact64, int* recoveryId, byte* signature);

    /// <summary>Without a nonce function of ours the library takes RFC 6979 with HMAC-SHA256.</summary>
    [LibraryImport(Library, EntryPoint = "secp256k1_ecdsa_sign_recoverable")]
    public static partial int SignRecoverable(
        nint context, byte* signature, byte* hash32, byte* secretKey, nint nonceFunction, nint nonceData);

    [LibraryImport(Library, EntryPoint = "secp256k1_ecdsa_recover")]
    public static partial int Recover(nint context, byte* key, byte* signature, byte* hash32);

    [LibraryImport(Library, EntryPoint = "secp256k1_context_create")]
    private static partial nint ContextCreate(uint flags);

    [LibraryImport(Library, EntryPoint = "secp256k1_context_randomize")]
    private static partial int ContextRandomize(nint context, byte* seed32);

    private static nint CreateContext()
    {
        var context = ContextCreate(SignAndVerify);
        Span<byte> seed = stackalloc byte[32];
        RandomNumberGenerator.Fill(seed);
        fixed (byte* bytes = seed)
        {
            if (ContextRandomize(context, bytes) != 1) throw new CryptographicException("libsecp256k1 was not blinded");
        }

        CryptographicOperations.ZeroMemory(seed);
        return context;
    }
}
