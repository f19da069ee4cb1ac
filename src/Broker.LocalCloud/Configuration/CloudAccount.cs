using Broker.LocalCloud.Identity;

namespace Broker.LocalCloud.Configuration;

/// <summary>The account that the options describe: the configuration file's, or the built-in one.</summary>
internal static class CloudAccount
{
    /// <exception cref="LocalCloudConfigurationException">The configuration or the issuer is wrong.</exception>
    public static CloudResources Read(LocalCloudOptions options)
    {
        if (options.Configuration is { } text) return CloudDocumentReader.Read(CloudDocument.Parse(text));
        if (options.Issuer.AsSpan().ContainsAny('"', '\\', '$'))
            throw new LocalCloudConfigurationException($"\"{options.Issuer}\" is not an issuer's address");

        var document = CloudDocument.Parse(QuickstartCloud.Json(options.Issuer));
        if (options.DaemonKey is not { } key) return CloudDocumentReader.Read(document);
        var users = document.Users.Select(user => user.Name == QuickstartCloud.DaemonUser
            ? user with { AccessKeyId = key.AccessKeyId, SecretAccessKey = key.SecretAccessKey }
            : user);
        return CloudDocumentReader.Read(document with { Users = [.. users] });
    }
}
