using System.Net;
using Broker.Foundation.Settings;
using static Broker.Foundation.Settings.SettingForms;
using static Broker.Kms.Configuration.KmsSetting;

namespace Broker.Kms.Configuration;

/// <summary>What operators have: the admin listener, its credentials, and metrics.</summary>
internal static class AdminSettings
{
    public static readonly Setting<bool> Enabled = Mirror("core.admin.enabled", "run the admin listener",
        TrueOrFalse, Switch, "false");

    public static readonly Setting<IPAddress> ListenAddress = Mirror("core.admin.address",
        "address of the admin listener", KmsForms.Address, Address, "127.0.0.1");

    public static readonly Setting<int> ListenPort = Mirror("core.admin.port", "port of the admin listener",
        KmsForms.Port, Port, "8001");

    /// <summary>Its aliases are dstack's own names.</summary>
    public static readonly Setting<string> Token = Mirror("core.admin.auth_token",
        "the admin listener's token, at least 32 characters", KmsForms.Token, KmsForms.ReadToken) with
    { Secret = true, Aliases = ["DSTACK_KMS_ADMIN_TOKEN", "ADMIN_API_TOKEN"] };

    public static readonly Setting<string> TokenFile = Ours("ADMIN_AUTH_TOKEN_FILE",
        "file that holds the admin listener's token; only its owner may read it",
        SecretFile.Form, KmsForms.ReadTokenFile);

    public static readonly Setting<HtpasswdFile> Users = Mirror("core.admin.htpasswd_file",
        "operators with passwords, a file of htpasswd -B, mode 0600", SecretFile.Form, KmsForms.ReadHtpasswdFile);

    public static readonly Setting<bool> InsecureNoAuth = Mirror("core.admin.insecure_no_auth",
        "let the admin listener run without a token", TrueOrFalse, Switch, "false");

    public static readonly Setting<string> TokenHash = Mirror("core.admin_token_hash",
        "SHA-256 in hex of the token for ClearImageCache on the main service", KmsForms.Sha256, KmsForms.ReadSha256);

    public static readonly Setting<bool> MetricsEnabled = Mirror("core.metrics.enabled", "serve GET /metrics",
        TrueOrFalse, Switch, "true");

    /// <summary>In the order in which <c>broker.env.example</c> prints them.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        Enabled, ListenAddress, ListenPort, Token, TokenFile, Users, InsecureNoAuth, TokenHash, MetricsEnabled,
    ];

    public static KmsOptions Read(BootEnvironment boot, KmsOptions options) => options with
    {
        AdminEnabled = boot.Read(Enabled),
        AdminAddress = boot.Read(ListenAddress),
        AdminPort = boot.Read(ListenPort),
        AdminAuthToken = boot.ReadOptional(TokenFile) ?? boot.ReadOptional(Token) ?? "",
        AdminUsers = boot.ReadOptional(Users) ?? HtpasswdFile.Empty,
        AdminInsecureNoAuth = boot.Read(InsecureNoAuth),
        AdminTokenHash = boot.ReadOptional(TokenHash) ?? "",
        MetricsEnabled = boot.Read(MetricsEnabled),
    };

    /// <summary>Nobody is let in unasked, and no two services share a port.</summary>
    public static IEnumerable<BootFault> FindContradictions(KmsOptions options)
    {
        var isOpen = options is { AdminAuthToken: "", AdminUsers.HasUsers: false, AdminInsecureNoAuth: false };
        if (options.AdminEnabled && isOpen)
        {
            yield return BootFault.Of(
                Enabled, "true", $"needs {Token.Name} or {Users.Name}, or {InsecureNoAuth.Name}=true");
        }

        if (options is { AdminEnabled: true, AdminPort: > 0 } && options.AdminPort == options.RpcPort)
        {
            yield return BootFault.Of(
                ListenPort, $"{options.AdminPort}", "must not be the port of the main service");
        }
    }
}
