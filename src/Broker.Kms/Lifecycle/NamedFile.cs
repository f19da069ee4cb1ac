using System.Security.Cryptography;

namespace Broker.Kms.Lifecycle;

/// <summary>Uses what a setting names; what goes wrong is told with the setting's name.</summary>
internal static class NamedFile
{
    /// <exception cref="KmsStartException">The file or folder cannot be used for what it is named for.</exception>
    public static T Use<T>(string variable, string path, Func<T> use)
    {
        try
        {
            return use();
        }
        catch (Exception unusable)
            when (unusable is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new KmsStartException($"{variable}=\"{path}\": cannot be used: {unusable.Message}");
        }
    }
}
