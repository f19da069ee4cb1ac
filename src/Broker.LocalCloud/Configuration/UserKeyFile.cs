using System.Text;
using Broker.Foundation;

namespace Broker.LocalCloud.Configuration;

/// <summary>
/// The users' access keys as an AWS shared credentials file, one profile per user:
/// <c>AWS_SHARED_CREDENTIALS_FILE=…/credentials AWS_PROFILE=agentkeys-daemon</c>.
/// </summary>
internal static class UserKeyFile
{
    /// <summary>
    /// Writes <c>credentials</c> into the folder, for its owner alone (mode 0600), replacing an older one.
    /// </summary>
    /// <returns>The file's path.</returns>
    public static string Write(string folder, IReadOnlyDictionary<string, LocalCloudAccessKey> keys)
    {
        var text = new StringBuilder();
        foreach (var (user, key) in keys)
            text.Append(
                $"[{user}]\naws_access_key_id = {key.AccessKeyId}\naws_secret_access_key = {key.SecretAccessKey}\n\n");
        var path = Path.Combine(folder, "credentials");
        DurableFile.Replace(path, Encoding.UTF8.GetBytes(text.ToString()));
        return path;
    }
}
