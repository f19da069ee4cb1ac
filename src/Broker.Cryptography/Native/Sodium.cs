using System.Runtime.InteropServices;

namespace Broker.Cryptography.Native;

/// <summary>
/// The calls of libsodium that are used here. Every caller goes through <see cref="EnsureReady"/> first.
/// </summary>
internal static unsafe partial class Sodium
{
    public const string Library = "libsodium.so.23";

    private static readonly Lazy<bool> Ready = new(Initialise);

    /// <summary>Loads and initialises the library once per process.</summary>
    /// <exception cref="MissingNativeLibraryException">The library is not installed.</exception>
    public static void EnsureReady() => _ = Ready.Value;

    [LibraryImport(Library, EntryPoint = "crypto_sign_ed25519_seed_keypair")]
    public static partial int Ed25519KeyPair(byte* publicKey, byte* secretKey, byte* seed);

    [LibraryImport(Library, EntryPoint = "crypto_sign_ed25519_detached")]
    public static partial int Ed25519Sign(
        byte* signature, ulong* signatureLength, byte* message, ulong messageLength, byte* secretKey);

    [LibraryImport(Library, EntryPoint = "crypto_sign_ed25519_verify_detached")]
    public static partial int Ed25519Verify(byte* signature, byte* message, ulong messageLength, byte* publicKey);

    [LibraryImport(Library, EntryPoint = "crypto_scalarmult_curve25519")]
    public static partial int X25519(byte* result, byte* scalar, byte* point);

    [LibraryImport(Library, EntryPoint = "crypto_scalarmult_curve25519_base")]
    public static partial int X25519Base(byte* result, byte* scalar);

    [LibraryImport(Library, EntryPoint = "sodium_init")]
    private static partial int Init();

    private static bool Initialise()
    {
        if (!NativeLibrary.TryLoad(Library, typeof(Sodium).Assembly, DllImportSearchPath.SafeDirectories, out _))
        {
            throw new MissingNativeLibraryException(Library, "libsodium23");
        }

        // 0 the first time, 1 when somebody else in the process was first.
        return Init() >= 0 ? true : throw new InvalidOperationException("libsodium did not initialise");
    }
}
