namespace Broker.Foundation.Results;

/// <summary>
/// How a request ended, as the ledger's column <c>outcome</c> says it. The set is closed, and operators' queries depend
/// on its texts: add, never rename.
/// </summary>
public sealed class LedgerOutcome
{
    public static readonly LedgerOutcome Ok = new("ok");

    /// <summary>An answer that was already on record was given once more for the same <c>Idempotency-Key</c>.</summary>
    public static readonly LedgerOutcome Replayed = new("replayed");

    /// <summary>Who asks could not be proven.</summary>
    public static readonly LedgerOutcome AuthFailed = new("auth_failed");

    /// <summary>Who asks is known, but may not have this.</summary>
    public static readonly LedgerOutcome Denied = new("denied");

    /// <summary>The request itself is not acceptable.</summary>
    public static readonly LedgerOutcome BadRequest = new("bad_request");

    /// <summary>A credential that was released was ended early.</summary>
    public static readonly LedgerOutcome Revoked = new("revoked");

    public static readonly LedgerOutcome RateLimited = new("rate_limited");

    public static readonly LedgerOutcome StsError = new("sts_error");

    /// <summary>A peer that the decision depends on could not say.</summary>
    public static readonly LedgerOutcome BackendError = new("backend_error");

    private LedgerOutcome(string text) => Text = text;

    /// <summary>As it stands in the row.</summary>
    public string Text { get; }

    public override string ToString() => Text;
}
