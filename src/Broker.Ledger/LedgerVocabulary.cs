namespace Broker.Ledger;

/// <summary>The values of the column <c>outcome</c>. Operators' queries depend on them: add, never rename.</summary>
public static class LedgerOutcome
{
    public const string Ok = "ok";

    /// <summary>An answer that was already on record was given once more for the same <c>Idempotency-Key</c>.</summary>
    public const string Replayed = "replayed";

    /// <summary>Who asks could not be proven.</summary>
    public const string AuthFailed = "auth_failed";

    /// <summary>Who asks is known, but may not have this.</summary>
    public const string Denied = "denied";

    /// <summary>The request itself is not acceptable.</summary>
    public const string BadRequest = "bad_request";

    /// <summary>A credential that was released was ended early.</summary>
    public const string Revoked = "revoked";

    public const string RateLimited = "rate_limited";

    public const string StsError = "sts_error";

    /// <summary>The legacy backend that validates bearers could not say.</summary>
    public const string BackendError = "backend_error";
}

/// <summary>The values of the column <c>kind</c>.</summary>
public static class LedgerKind
{
    public const string OidcToken = "oidc_token";
    public const string AwsCredentials = "aws_credentials";
    public const string SessionToken = "session_token";

    /// <summary>Reading entries; only refusals of it are recorded.</summary>
    public const string LedgerRead = "ledger_read";

    /// <summary>The sum of refusals that got no entry of their own.</summary>
    public const string Refusals = "refusals";

    public const string KmsAppKey = "kms_app_key";
    public const string KmsKmsKey = "kms_kms_key";
    public const string KmsTempCaCert = "kms_temp_ca_cert";
    public const string KmsCertificate = "kms_certificate";
    public const string KmsBootstrap = "kms_bootstrap";
    public const string KmsOnboard = "kms_onboard";

    /// <summary>An operator's call; only wrong tokens are recorded.</summary>
    public const string KmsAdmin = "kms_admin";
}
