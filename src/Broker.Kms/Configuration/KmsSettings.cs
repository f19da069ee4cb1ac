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
            (o, text) => o with { RpcPort = Port(text), OnboardPort = Port(text) }),
        Mirror("rpc.address", "0.0.0.0", "address of the main service",
            (o, text) => o with { RpcAddress = Address(text) }),
        Mirror("rpc.port", "8000", "port of the main service", (o, text) => o with { RpcPort = Port(text) }),
        Mirror("rpc.tls.key", "<cert_dir>/rpc.key", "the server's key", (o, text) => o with { RpcTlsKey = text }),
        Mirror("rpc.tls.certs", "<cert_dir>/rpc.crt", "the server's certificate",
            (o, text) => o with { RpcTlsCerts = text }),
        Mirror("rpc.tls.mutual.ca_certs", "<cert_dir>/tmp-ca.crt", "the CA of client certificates",
            (o, text) => o with { RpcTlsMutualCaCerts = text }),
        Mirror("rpc.tls.mutual.mandatory", "false", "refuse connections without a client certificate",
            (o, text) => o with { RpcTlsMutualMandatory = Switch(text) }),
        Mirror("core.cert_dir", "/etc/kms/certs", "the folder of keys and certificates",
            (o, text) => o with { CertDir = text }),
        Mirror("core.subject_postfix", ".dstack", "accepted and unused, as in dstack"),
        Mirror("core.site_name", "", "shown to operators during onboarding", (o, text) => o with { SiteName = text }),
        Mirror("core.enforce_self_authorization", "true", "ask the policy about the KMS itself before any release",
            (o, text) => o with { EnforceSelfAuthorization = Switch(text) }),
        Mirror("core.attest_rpc_cert", "true", "put evidence into the server's certificate",
            (o, text) => o with { AttestRpcCert = Switch(text) }),
        Mirror("core.sev_snp_key_release", "false", "release keys to AMD SEV-SNP guests",
            (o, text) => o with { SevSnpKeyRelease = Switch(text) }),
        Mirror("core.aws_nitro_tpm_key_release", "false", "release keys to AWS NitroTPM guests",
            (o, text) => o with { AwsNitroTpmKeyRelease = Switch(text) }),
        Mirror("core.pccs_url", "https://pccs.phala.network", "older name of the next one",
            (o, text) => o with { PccsUrl = HttpUrl(text) }),
        Mirror("core.attestation.urls.pccs", "https://pccs.phala.network", "where quote collateral comes from",
            (o, text) => o with { PccsUrl = HttpUrl(text) }),
        Ours("COLLATERAL_CACHE_DIR", "<BROKER_DATA_DIR>/collateral", "where quote collateral is kept",
            (o, text) => o with { CollateralCacheDir = text }),
        Ours("COLLATERAL_MAX_AGE", "1h", "after which collateral is asked for again, so that revocations count",
            (o, text) => o with { CollateralMaxAge = Duration(text) }),
        .. NotTdx("urls.amd_kds", "root_ca.gcp_tpm", "root_ca.aws_nitro_enclave", "root_ca.aws_nitro_tpm",
            "root_ca.sev_snp_milan", "root_ca.sev_snp_genoa", "root_ca.sev_snp_turin"),
        Mirror("core.attestation.insecure_allow_external_trust_anchors", "false", "let the next one count",
            (o, text) => o with { InsecureAllowExternalTrustAnchors = Switch(text) }),
        Mirror("core.attestation.root_ca.tdx", "", "file of a root certificate to trust in the place of Intel's",
            (o, text) => o with { TdxRootCa = text }),
        Mirror("core.image.verify", "true", "check measurements against the OS image",
            (o, text) => o with { ImageVerify = Switch(text) }),
        Mirror("core.image.cache_dir", "/usr/share/dstack/images", "where OS images and measurements are kept",
            (o, text) => o with { ImageCacheDir = text }),
        Mirror("core.image.download_url", "http://localhost:8000/{OS_IMAGE_HASH}.tar.gz", "where OS images come from",
            (o, text) => o with { ImageDownloadUrl = HttpUrl(text) }),
        Mirror("core.image.download_timeout", "2m", "how long a download may take",
            (o, text) => o with { ImageDownloadTimeout = Duration(text) }),
        Ours("IMAGE_ACPI_TABLES_PROGRAM", "dstack-acpi-tables",
            "makes ACPI tables as QEMU does, to compute RTMR0; an absolute path, or a name in /usr/local/bin, /usr/bin, "
            + "/bin",
            (o, text) => o with { ImageAcpiTablesProgram = Program(text) }),
        Ours("IMAGE_ACCEPT_UNVERIFIED_RTMR0", "false", "accept a machine whose RTMR0 cannot be computed here",
            (o, text) => o with { ImageAcceptUnverifiedRtmr0 = Switch(text) }),
        Mirror("core.admin.enabled", "false", "run the admin listener",
            (o, text) => o with { AdminEnabled = Switch(text) }),
        Mirror("core.admin.address", "127.0.0.1", "address of the admin listener",
            (o, text) => o with { AdminAddress = Address(text) }),
        Mirror("core.admin.port", "8001", "port of the admin listener", (o, text) => o with { AdminPort = Port(text) }),
        Mirror("core.admin.auth_token", "", "the admin listener's token, at least 32 characters",
            (o, text) => o with { AdminAuthToken = OperatorToken(text) }) with { IsSecret = true },
        Ours("ADMIN_AUTH_TOKEN_FILE", "", "file that holds the admin listener's token; only its owner may read it",
            (o, text) => o with { AdminAuthToken = OperatorToken(SecretFileText(text)) }),
        Mirror("core.admin.htpasswd_file", "", "operators with passwords, a file of htpasswd -B, mode 0600",
            (o, text) => o with { AdminUsers = HtpasswdFile.Parse(SecretFileText(text)) }),
        Mirror("core.admin.insecure_no_auth", "false", "let the admin listener run without a token",
            (o, text) => o with { AdminInsecureNoAuth = Switch(text) }),
        Mirror("core.admin_token_hash", "", "SHA-256 in hex of the token for ClearImageCache on the main service",
            (o, text) => o with { AdminTokenHash = Sha256Hex(text) }),
        Mirror("core.metrics.enabled", "true", "serve GET /metrics",
            (o, text) => o with { MetricsEnabled = Switch(text) }),
        Mirror("core.auth_api.type", "webhook", "webhook, or dev: everybody who is attested",
            (o, text) => o with { AuthApiType = AuthApi(text) }),
        Mirror("core.auth_api.webhook.url", "http://auth-api:8000", "the authorization webhook",
            (o, text) => o with { WebhookUrl = HttpUrl(text) }),
        Ours("AUTH_API_WEBHOOK_TIMEOUT", "10s", "after which the webhook's answer is no",
            (o, text) => o with { WebhookTimeout = Duration(text) }),
        Mirror("core.auth_api.dev.gateway_app_id", "any", "the gateway's app id in dev mode",
            (o, text) => o with { DevGatewayAppId = text }),
        Mirror("core.onboard.enabled", "true", "wait for an operator when there are no keys",
            (o, text) => o with { OnboardEnabled = Switch(text) }),
        Mirror("core.onboard.auto_bootstrap_domain", "", "make keys for this domain at the first start",
            (o, text) => o with { AutoBootstrapDomain = text }),
        Mirror("core.onboard.quote_enabled", "true", "of dstack up to 0.5.8; only true: no key leaves without evidence",
            (o, text) => Switch(text) ? o : throw new FormatException("must be true: no key leaves without evidence")),
        Mirror("core.onboard.address", "0.0.0.0", "address of onboarding",
            (o, text) => o with { OnboardAddress = Address(text) }),
        Mirror("core.onboard.port", "8000", "port of onboarding", (o, text) => o with { OnboardPort = Port(text) }),
        Ours("ONBOARD_TLS", "true", "onboard over HTTPS with a self-signed certificate; false is plain HTTP",
            (o, text) => o with { OnboardTls = Switch(text) }),
        Ours("ONBOARD_HOSTS", "", "names, comma-separated, under which a browser may onboard over plain HTTP; * is any",
            (o, text) => o with { OnboardHosts = HostNames(text) }),
        Ours("AGENT_ADDRESS", "", "the guest agent, unix:/path or http://…; empty looks in dstack's places",
            (o, text) => o with { AgentAddress = AgentOf(text) }),
    ];

    /// <summary>Reads the variables; one that is absent or empty keeps its default.</summary>
    /// <param name="variable">Gives the value of a variable, or null.</param>
    /// <returns>The options, or the first fault when a value cannot be used; the options are of no use then.</returns>
    public static (KmsOptions Options, KmsSettingFault? Fault) Read(Func<string, string?> variable)
    {
        // dstack's own names for the guest agent and this token.
        var (options, tokenFault) = ReadDstackToken(variable);
        if (tokenFault is not null) return (options, tokenFault);
        var agent = GuestAgentAddress.Find(variable(GuestAgentAddress.Variable));
        if (!agent.Succeeded)
        {
            return (options, new KmsSettingFault(
                GuestAgentAddress.Variable, variable(GuestAgentAddress.Variable)!, agent.Error));
        }

        options = options with { AgentAddress = agent.Value };
        foreach (var setting in All)
        {
            if (variable(setting.Name) is not { Length: > 0 } text) continue;
            try
            {
                options = setting.Apply(options, text);
            }
            catch (FormatException unusable)
            {
                return (options, new KmsSettingFault(setting.Name, setting.IsSecret ? "" : text, unusable.Message));
            }
        }

        return (options, Contradiction(options));
    }

    private static (KmsOptions Options, KmsSettingFault? Fault) ReadDstackToken(Func<string, string?> variable)
    {
        foreach (var name in (string[])["DSTACK_KMS_ADMIN_TOKEN", "ADMIN_API_TOKEN"])
        {
            if (variable(name) is not { Length: > 0 } text) continue;
            try
            {
                return (new KmsOptions { AdminAuthToken = OperatorToken(text) }, null);
            }
            catch (FormatException unusable)
            {
                return (new KmsOptions(), new KmsSettingFault(name, "", unusable.Message));
            }
        }

        return (new KmsOptions(), null);
    }

    private static KmsSettingFault? Contradiction(KmsOptions options) => options switch
    {
        { AdminEnabled: true, AdminAuthToken: "", AdminUsers.HasUsers: false, AdminInsecureNoAuth: false } =>
            new KmsSettingFault(
                Prefix + "ADMIN_ENABLED",
                "true",
                $"needs {Prefix}ADMIN_AUTH_TOKEN or {Prefix}ADMIN_HTPASSWD_FILE, "
                + $"or {Prefix}ADMIN_INSECURE_NO_AUTH=true"),
        { TdxRootCa.Length: > 0, InsecureAllowExternalTrustAnchors: false } => new KmsSettingFault(
            Prefix + "ATTESTATION_ROOT_CA_TDX", options.TdxRootCa,
            $"counts only with {Prefix}ATTESTATION_INSECURE_ALLOW_EXTERNAL_TRUST_ANCHORS=true"),
        _ => null,
    };

    private static KmsSetting Mirror(
        string key, string defaultText, string meaning, Func<KmsOptions, string, KmsOptions>? apply = null)
    {
        var path = key.StartsWith("core.", StringComparison.Ordinal) ? key[5..] : key;
        var name = Prefix + path.Replace('.', '_').ToUpperInvariant();
        return new KmsSetting(name, key, defaultText, meaning) { Apply = apply ?? ((options, _) => options) };
    }

    /// <summary>Settings of the reference for machines that this KMS does not verify, and so refuses.</summary>
    private static IEnumerable<KmsSetting> NotTdx(params IEnumerable<string> keys) => keys.Select(key =>
        Mirror($"core.attestation.{key}", "", "accepted and unused: machines other than TDX are refused"));

    private static KmsSetting Ours(
        string name, string defaultText, string meaning, Func<KmsOptions, string, KmsOptions> apply) =>
        new(Prefix + name, "", defaultText, meaning) { Apply = apply };
}
