using System.Net;
using Broker.Attestation.GuestAgent;
using Broker.Attestation.SevSnp.Collateral;

namespace Broker.Kms.Configuration;

/// <summary>What decides whether a virtual machine may have keys.</summary>
public enum AuthApiType
{
    /// <summary>The authorization webhook, asked on every release.</summary>
    Webhook,

    /// <summary>Everybody who is attested. For development; <c>GetMeta</c> says so.</summary>
    Dev,
}

/// <summary>
/// How a KMS runs: the keys of <c>kms.toml</c>, with its defaults. <see cref="KmsSettings"/> reads them.
/// </summary>
public sealed record KmsOptions
{
    public IPAddress RpcAddress { get; init; } = IPAddress.Any;

    /// <summary>0 lets the system choose.</summary>
    public int RpcPort { get; init; } = 8000;

    /// <summary>The server's key and certificate; empty means those of <see cref="CertDir"/>.</summary>
    public string RpcTlsKey { get; init; } = "";

    public string RpcTlsCerts { get; init; } = "";

    /// <summary>The CA of client certificates; empty means the temp CA of <see cref="CertDir"/>.</summary>
    public string RpcTlsMutualCaCerts { get; init; } = "";

    /// <summary>Whether a client without a certificate is turned away by the TLS layer already.</summary>
    public bool RpcTlsMutualMandatory { get; init; }

    /// <summary>The folder of the keys.</summary>
    public string CertDir { get; init; } = "/etc/kms/certs";

    /// <summary>Shown to operators during onboarding.</summary>
    public string SiteName { get; init; } = "";

    /// <summary>Whether the KMS itself must be allowed by its own policy before it releases anything.</summary>
    public bool EnforceSelfAuthorization { get; init; } = true;

    /// <summary>Whether the server's certificate carries evidence of the machine that it runs in.</summary>
    public bool AttestRpcCert { get; init; } = true;

    public bool SevSnpKeyRelease { get; init; }

    public bool AwsNitroTpmKeyRelease { get; init; }

    /// <summary>Variables that are set and that nothing here goes by; a start says so.</summary>
    public IReadOnlyList<string> WithoutEffect { get; init; } = [];

    /// <summary>Where certificates of AMD chips come from that a guest does not send.</summary>
    public string AmdKdsUrl { get; init; } = KdsOptions.Amd;

    public SevSnpOptions SevSnp { get; init; } = new();

    /// <summary>Must be true for <see cref="TdxRootCa"/>, and roots in <see cref="SevSnp"/>, to count.</summary>
    public bool InsecureAllowExternalTrustAnchors { get; init; }

    public string PccsUrl { get; init; } = "https://pccs.phala.network";

    /// <summary>File of a root certificate to trust in the place of Intel's.</summary>
    public string TdxRootCa { get; init; } = "";

    public bool ImageVerify { get; init; } = true;

    public string ImageCacheDir { get; init; } = "/usr/share/dstack/images";

    /// <summary>Where the collateral of quotes is kept; empty means <c>collateral</c> in the data folder.</summary>
    public string CollateralCacheDir { get; init; } = "";

    /// <summary>How late a revocation counts at the latest: collateral is asked for again in time.</summary>
    public TimeSpan CollateralMaxAge { get; init; } = TimeSpan.FromHours(1);

    /// <summary><c>{OS_IMAGE_HASH}</c> is replaced by the hash in lower-case hex.</summary>
    public string ImageDownloadUrl { get; init; } = "http://localhost:8000/{OS_IMAGE_HASH}.tar.gz";

    public TimeSpan ImageDownloadTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The program that makes ACPI tables as QEMU does, for machines without a lite measurement.</summary>
    public string ImageAcpiTablesProgram { get; init; } = "dstack-acpi-tables";

    /// <summary>
    /// Accepts a machine whose RTMR0 nothing here can compute; its other registers still have to match.
    /// </summary>
    public bool ImageAcceptUnverifiedRtmr0 { get; init; }

    public bool AdminEnabled { get; init; }

    public IPAddress AdminAddress { get; init; } = IPAddress.Loopback;

    public int AdminPort { get; init; } = 8001;

    /// <summary>The admin listener's token itself; a secret.</summary>
    public string AdminAuthToken { get; init; } = "";

    /// <summary>Operators with passwords, for the admin listener.</summary>
    public HtpasswdFile AdminUsers { get; init; } = HtpasswdFile.Empty;

    /// <summary>Lets the admin listener run without a token.</summary>
    public bool AdminInsecureNoAuth { get; init; }

    /// <summary>
    /// SHA-256 in hex of the token that <c>ClearImageCache</c> takes on the main service; empty turns it off.
    /// </summary>
    public string AdminTokenHash { get; init; } = "";

    public bool MetricsEnabled { get; init; } = true;

    public AuthApiType AuthApiType { get; init; } = AuthApiType.Webhook;

    public string WebhookUrl { get; init; } = "http://auth-api:8000";

    /// <summary>How long the webhook may take; after that the answer is no.</summary>
    public TimeSpan WebhookTimeout { get; init; } = TimeSpan.FromSeconds(10);

    public string DevGatewayAppId { get; init; } = "any";

    /// <summary>Whether a KMS without keys waits for an operator (or <see cref="AutoBootstrapDomain"/>).</summary>
    public bool OnboardEnabled { get; init; } = true;

    /// <summary>Makes keys for this domain at the first start, without an operator.</summary>
    public string AutoBootstrapDomain { get; init; } = "";

    public IPAddress OnboardAddress { get; init; } = IPAddress.Any;

    public int OnboardPort { get; init; } = 8000;

    /// <summary>Whether onboarding answers over HTTPS, with a certificate made for the occasion.</summary>
    public bool OnboardTls { get; init; } = true;

    /// <summary>
    /// Names under which a browser may open the page over plain HTTP, besides IP addresses and <c>localhost</c>;
    /// <c>*</c> is any.
    /// </summary>
    public IReadOnlyList<string> OnboardHosts { get; init; } = [];

    /// <summary>The guest agent.</summary>
    public GuestAgentAddress AgentAddress { get; init; } = GuestAgentAddress.Find(variable: null).Value!;
}
