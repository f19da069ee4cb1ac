using Broker.Attestation.GuestAgent;
using static Broker.Kms.Configuration.SettingValue;

namespace Broker.Kms.Configuration;

/// <summary>
/// The variables of the KMS. Each mirrors a key of <c>kms.toml</c>: the key's path in capitals, <c>core.</c> dropped,
/// dots as underscores, <c>BROKER_KMS_</c> in front.
/// </summary>
public static class KmsSettings
{
    private const string Prefix = "BROKER_KMS_";

    /// <summary>Every variable, in the order of the README's table. A later one wins over an earlier one.</summary>
    public static IReadOnlyList<KmsSetting> All { get; } =
    [
        Ours("PORT", "8000", "port of the main service and of onboarding",
            Forms.Port, (o, text) => o with { RpcPort = Port(text), OnboardPort = Port(text) }),
        Mirror("rpc.address", "0.0.0.0", "address of the main service",
            Forms.Address, (o, text) => o with { RpcAddress = Address(text) }),
        Mirror("rpc.port", "8000", "port of the main service",
            Forms.Port, (o, text) => o with { RpcPort = Port(text) }),
        Mirror("rpc.tls.key", "<cert_dir>/rpc.key", "the server's key",
            Forms.Path, (o, text) => o with { RpcTlsKey = FilePath(text) }),
        Mirror("rpc.tls.certs", "<cert_dir>/rpc.crt", "the server's certificate",
            Forms.Path, (o, text) => o with { RpcTlsCerts = FilePath(text) }),
        Mirror("rpc.tls.mutual.ca_certs", "<cert_dir>/tmp-ca.crt", "the CA of client certificates",
            Forms.Path, (o, text) => o with { RpcTlsMutualCaCerts = FilePath(text) }),
        Mirror("rpc.tls.mutual.mandatory", "false", "refuse connections without a client certificate",
            Forms.Switch, (o, text) => o with { RpcTlsMutualMandatory = Switch(text) }),
        Mirror("core.cert_dir", "/etc/kms/certs", "the folder of keys and certificates",
            Forms.Path, (o, text) => o with { CertDir = FilePath(text) }),
        Mirror("core.subject_postfix", ".dstack", "accepted and unused, as in dstack", Forms.Text,
            (o, text) => Words(text) is { } ? o : o),
        Mirror("core.site_name", "", "shown to operators during onboarding",
            Forms.Text, (o, text) => o with { SiteName = Words(text) }),
        Mirror("core.enforce_self_authorization", "true", "ask the policy about the KMS itself before any release",
            Forms.Switch, (o, text) => o with { EnforceSelfAuthorization = Switch(text) }),
        Mirror("core.attest_rpc_cert", "true", "put evidence into the server's certificate",
            Forms.Switch, (o, text) => o with { AttestRpcCert = Switch(text) }),
        Mirror("core.sev_snp_key_release", "false", "accepted and unused: machines other than TDX are refused",
            Forms.Switch,
            (o, text) => (o with { SevSnpKeyRelease = Switch(text) }).Unused("SEV_SNP_KEY_RELEASE", Switch(text))),
        Mirror("core.aws_nitro_tpm_key_release", "false", "accepted and unused: machines other than TDX are refused",
            Forms.Switch,
            (o, text) => (o with { AwsNitroTpmKeyRelease = Switch(text) }).Unused(
                "AWS_NITRO_TPM_KEY_RELEASE", Switch(text))),
        Mirror("core.pccs_url", "https://pccs.phala.network", "older name of the next one",
            Forms.Url, (o, text) => o with { PccsUrl = HttpUrl(text) }),
        Mirror("core.attestation.urls.pccs", "https://pccs.phala.network", "where quote collateral comes from",
            Forms.Url, (o, text) => o with { PccsUrl = HttpUrl(text) }),
        Ours("COLLATERAL_CACHE_DIR", "<BROKER_DATA_DIR>/collateral", "where quote collateral is kept",
            Forms.Path, (o, text) => o with { CollateralCacheDir = FilePath(text) }),
        Ours("COLLATERAL_MAX_AGE", "1h", "after which collateral is asked for again, so that revocations count",
            Forms.Duration, (o, text) => o with { CollateralMaxAge = Duration(text) }),
        .. NotTdx("urls.amd_kds", "root_ca.gcp_tpm", "root_ca.aws_nitro_enclave", "root_ca.aws_nitro_tpm",
            "root_ca.sev_snp_milan", "root_ca.sev_snp_genoa", "root_ca.sev_snp_turin"),
        Mirror("core.attestation.insecure_allow_external_trust_anchors", "false", "let the next one count",
            Forms.Switch, (o, text) => o with { InsecureAllowExternalTrustAnchors = Switch(text) }),
        Mirror("core.attestation.root_ca.tdx", "", "file of a root certificate to trust in the place of Intel's",
            Forms.Path, (o, text) => o with { TdxRootCa = FilePath(text) }),
        Mirror("core.image.verify", "true", "check measurements against the OS image",
            Forms.Switch, (o, text) => o with { ImageVerify = Switch(text) }),
        Mirror("core.image.cache_dir", "/usr/share/dstack/images", "where OS images and measurements are kept",
            Forms.Path, (o, text) => o with { ImageCacheDir = FilePath(text) }),
        Mirror("core.image.download_url", "http://localhost:8000/{OS_IMAGE_HASH}.tar.gz", "where OS images come from",
            Forms.Url, (o, text) => o with { ImageDownloadUrl = HttpUrl(text) }),
        Mirror("core.image.download_timeout", "2m", "how long a download may take",
            Forms.Duration, (o, text) => o with { ImageDownloadTimeout = Duration(text) }),
        Ours("IMAGE_ACPI_TABLES_PROGRAM", "dstack-acpi-tables",
            "makes ACPI tables as QEMU does, to compute RTMR0; an absolute path, or a name in /usr/local/bin, /usr/bin, "
            + "/bin",
            Forms.Program, (o, text) => o with { ImageAcpiTablesProgram = Program(text) }),
        Ours("IMAGE_ACCEPT_UNVERIFIED_RTMR0", "false", "accept a machine whose RTMR0 cannot be computed here",
            Forms.Switch, (o, text) => o with { ImageAcceptUnverifiedRtmr0 = Switch(text) }),
        Mirror("core.admin.enabled", "false", "run the admin listener",
            Forms.Switch, (o, text) => o with { AdminEnabled = Switch(text) }),
        Mirror("core.admin.address", "127.0.0.1", "address of the admin listener",
            Forms.Address, (o, text) => o with { AdminAddress = Address(text) }),
        Mirror("core.admin.port", "8001", "port of the admin listener",
            Forms.Port, (o, text) => o with { AdminPort = Port(text) }),
        Mirror("core.admin.auth_token", "", "the admin listener's token, at least 32 characters",
            Forms.Token, (o, text) => o with { AdminAuthToken = OperatorToken(text) }) with { IsSecret = true },
        Ours("ADMIN_AUTH_TOKEN_FILE", "", "file that holds the admin listener's token; only its owner may read it",
            Forms.SecretFile, (o, text) => o with { AdminAuthToken = OperatorToken(SecretFileText(text)) }),
        Mirror("core.admin.htpasswd_file", "", "operators with passwords, a file of htpasswd -B, mode 0600",
            Forms.SecretFile, (o, text) => o with { AdminUsers = HtpasswdFile.Parse(SecretFileText(text)) }),
        Mirror("core.admin.insecure_no_auth", "false", "let the admin listener run without a token",
            Forms.Switch, (o, text) => o with { AdminInsecureNoAuth = Switch(text) }),
        Mirror("core.admin_token_hash", "", "SHA-256 in hex of the token for ClearImageCache on the main service",
            Forms.Sha256, (o, text) => o with { AdminTokenHash = Sha256Hex(text) }),
        Mirror("core.metrics.enabled", "true", "serve GET /metrics",
            Forms.Switch, (o, text) => o with { MetricsEnabled = Switch(text) }),
        Mirror("core.auth_api.type", "webhook", "webhook, or dev: everybody who is attested",
            Forms.AuthApi, (o, text) => o with { AuthApiType = AuthApi(text) }),
        Mirror("core.auth_api.webhook.url", "http://auth-api:8000", "the authorization webhook",
            Forms.Url, (o, text) => o with { WebhookUrl = HttpUrl(text) }),
        Ours("AUTH_API_WEBHOOK_TIMEOUT", "10s", "after which the webhook's answer is no",
            Forms.Duration, (o, text) => o with { WebhookTimeout = Duration(text) }),
        Mirror("core.auth_api.dev.gateway_app_id", "any", "the gateway's app id in dev mode",
            Forms.Text, (o, text) => o with { DevGatewayAppId = Words(text) }),
        Mirror("core.onboard.enabled", "true", "wait for an operator when there are no keys",
            Forms.Switch, (o, text) => o with { OnboardEnabled = Switch(text) }),
        Mirror("core.onboard.auto_bootstrap_domain", "", "make keys for this domain at the first start",
            Forms.Domain, (o, text) => o with { AutoBootstrapDomain = Domain(text) }),
        Mirror("core.onboard.quote_enabled", "true", "of dstack up to 0.5.8; only true: no key leaves without evidence",
            Forms.Switch,
            (o, text) => Switch(text) ? o : throw new FormatException("must be true: no key leaves without evidence")),
        Mirror("core.onboard.address", "0.0.0.0", "address of onboarding",
            Forms.Address, (o, text) => o with { OnboardAddress = Address(text) }),
        Mirror("core.onboard.port", "8000", "port of onboarding",
            Forms.Port, (o, text) => o with { OnboardPort = Port(text) }),
        Ours("ONBOARD_TLS", "true", "onboard over HTTPS with a self-signed certificate; false is plain HTTP",
            Forms.Switch, (o, text) => o with { OnboardTls = Switch(text) }),
        Ours("ONBOARD_HOSTS", "", "names, comma-separated, under which a browser may onboard over plain HTTP; * is any",
            Forms.HostNames, (o, text) => o with { OnboardHosts = HostNames(text) }),
        Ours("AGENT_ADDRESS", "", "the guest agent, unix:/path or http://…; empty looks in dstack's places",
            Forms.Agent, (o, text) => o with { AgentAddress = AgentOf(text) }),
    ];

    /// <summary>dstack's own names for the admin listener's token.</summary>
    private static readonly string[] DstackTokens = ["DSTACK_KMS_ADMIN_TOKEN", "ADMIN_API_TOKEN"];

    /// <summary>Reads the variables; one that is absent or empty keeps its default.</summary>
    /// <param name="variable">Gives the value of a variable, or null.</param>
    /// <returns>The options, and every fault found; with one, the options are of no use.</returns>
    public static (KmsOptions Options, IReadOnlyList<KmsSettingFault> Faults) Read(Func<string, string?> variable)
    {
        var options = new KmsOptions();
        var faults = new List<KmsSettingFault>();
        foreach (var setting in (IEnumerable<KmsSetting>)[.. OfDstack(variable), .. All])
        {
            if (variable(setting.Name) is not { Length: > 0 } text) continue;
            try
            {
                options = setting.Apply(options, text);
            }
            catch (FormatException unusable)
            {
                var shown = setting.IsSecret ? "" : text;
                var fault = new KmsSettingFault(setting.Name, shown, unusable.Message);
                faults.Add(fault with { IsAddress = setting.IsAddress });
            }
        }

        // The value that could not be read may be the one that would solve the contradiction.
        return (options, faults.Count > 0 ? faults : [.. Contradictions(options)]);
    }

    /// <summary>What dstack itself reads; the first token that is set counts.</summary>
    private static IEnumerable<KmsSetting> OfDstack(Func<string, string?> variable)
    {
        yield return new KmsSetting(GuestAgentAddress.Variable, "", "", "the guest agent", Forms.Agent)
        {
            Apply = (o, text) => o with { AgentAddress = AgentOf(text) },
        };
        if (Array.Find(DstackTokens, name => variable(name) is { Length: > 0 }) is not { } token) yield break;
        yield return new KmsSetting(token, "", "", "the admin listener's token", Forms.Token)
        {
            IsSecret = true,
            Apply = (o, text) => o with { AdminAuthToken = OperatorToken(text) },
        };
    }

    private static IEnumerable<KmsSettingFault> Contradictions(KmsOptions options)
    {
        if (options is { AdminEnabled: true, AdminAuthToken: "", AdminUsers.HasUsers: false, AdminInsecureNoAuth: false })
        {
            yield return new KmsSettingFault(
                Prefix + "ADMIN_ENABLED",
                "true",
                $"needs {Prefix}ADMIN_AUTH_TOKEN or {Prefix}ADMIN_HTPASSWD_FILE, or {Prefix}ADMIN_INSECURE_NO_AUTH=true");
        }

        if (options is { AdminEnabled: true, AdminPort: > 0 } && options.AdminPort == options.RpcPort)
        {
            yield return new KmsSettingFault(
                Prefix + "ADMIN_PORT", $"{options.AdminPort}", "must not be the port of the main service");
        }

        if (options is { TdxRootCa.Length: > 0, InsecureAllowExternalTrustAnchors: false })
        {
            yield return new KmsSettingFault(
                Prefix + "ATTESTATION_ROOT_CA_TDX", options.TdxRootCa,
                $"counts only with {Prefix}ATTESTATION_INSECURE_ALLOW_EXTERNAL_TRUST_ANCHORS=true");
        }

        if (options.RpcTlsKey.Length > 0 != options.RpcTlsCerts.Length > 0)
        {
            yield return options.RpcTlsKey.Length > 0
                ? new KmsSettingFault(Prefix + "RPC_TLS_KEY", options.RpcTlsKey, $"needs {Prefix}RPC_TLS_CERTS too")
                : new KmsSettingFault(Prefix + "RPC_TLS_CERTS", options.RpcTlsCerts, $"needs {Prefix}RPC_TLS_KEY too");
        }
    }

    private static KmsSetting Mirror(
        string key, string defaultText, string meaning, string form, Func<KmsOptions, string, KmsOptions> apply)
    {
        var path = key.StartsWith("core.", StringComparison.Ordinal) ? key[5..] : key;
        var name = Prefix + path.Replace('.', '_').ToUpperInvariant();
        return new KmsSetting(name, key, defaultText, meaning, form) { Apply = apply };
    }

    /// <summary>Settings of the reference for machines that this KMS does not verify, and so refuses.</summary>
    private static IEnumerable<KmsSetting> NotTdx(params IEnumerable<string> keys) => keys.Select(key =>
    {
        var isUrl = key.StartsWith("urls.", StringComparison.Ordinal);
        var name = "ATTESTATION_" + key.Replace('.', '_').ToUpperInvariant();
        return Mirror(
            $"core.attestation.{key}", "", "accepted and unused: machines other than TDX are refused",
            isUrl ? Forms.Url : Forms.Path,
            (o, text) => o.Unused(name, (isUrl ? HttpUrl(text) : FilePath(text)).Length > 0));
    });

    private static KmsSetting Ours(
        string name, string defaultText, string meaning, string form, Func<KmsOptions, string, KmsOptions> apply) =>
        new(Prefix + name, "", defaultText, meaning, form) { Apply = apply };
}
