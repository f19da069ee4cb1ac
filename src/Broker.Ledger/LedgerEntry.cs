using Broker.Cryptography;
using Broker.Foundation.Results;

namespace Broker.Ledger;

/// <summary>
/// What goes on record: a credential that is released, or a request that is refused. It becomes texts at the store
/// only, as <see cref="LedgerColumns"/>, whose properties say what each column means to an operator.
/// </summary>
public sealed record LedgerEntry
{
    /// <summary>The entry's own name.</summary>
    public required RecordId RecordId { get; init; }

    /// <summary>When the broker decided; the row keeps whole seconds.</summary>
    public required DateTimeOffset MintedAt { get; init; }

    public required EntryKind Kind { get; init; }

    public required LedgerOutcome Outcome { get; init; }

    /// <summary>The role's ARN, <c>oidc_jwt</c> for a token, or the KMS method.</summary>
    public required string RequestedRole { get; init; }

    /// <summary>The default is nobody known.</summary>
    public EntryActor Actor { get; init; }

    /// <summary>SHA-256 of the bearer; null when none was presented.</summary>
    public Sha256Digest? Bearer { get; init; }

    /// <summary>Of the credential; zero for a refusal.</summary>
    public TimeSpan Lifetime { get; init; }

    /// <summary>The default says that nobody was let in.</summary>
    public EntrySession Session { get; init; }

    /// <summary>Why, in words fit for an operator; never a secret. Null for a plain success.</summary>
    public string? Detail { get; init; }

    /// <summary>The credential's subject: a token's <c>sub</c>, or a measured identity in the KMS.</summary>
    public string Subject { get; init; } = "";

    /// <summary>The HTTP request's id, as in the answer's <c>X-Request-Id</c>.</summary>
    public string RequestId { get; init; } = "";

    /// <summary>SHA-256 of the canonical signed request; null where the request was not signed.</summary>
    public Sha256Digest? SignedRequest { get; init; }

    /// <summary>AWS access key id of the credentials (public: CloudTrail shows it). Empty for other kinds.</summary>
    public string AccessKeyId { get; init; } = "";

    /// <summary>When the credential ends; null where there is none.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    public EntryEvidence Evidence { get; init; }

    /// <summary>The row's columns.</summary>
    public LedgerColumns ToColumns() => new()
    {
        MintedAt = MintedAt.ToUnixTimeSeconds(),
        RequesterToken = Bearer?.ToString() ?? "",
        RequesterWallet = Actor.WalletText,
        RequestedRole = RequestedRole,
        SessionDurationSeconds = (int)Lifetime.TotalSeconds,
        StsSessionName = Session.ToString(),
        Outcome = Outcome.Text,
        OutcomeDetail = Detail,
        RecordId = RecordId.ToString(),
        Kind = Kind.Text,
        ActorOmni = Actor.OmniText,
        Subject = Subject,
        RequestId = RequestId,
        RequestHash = SignedRequest?.ToString() ?? "",
        AccessKeyId = AccessKeyId,
        ExpiresAt = ExpiresAt?.ToUnixTimeSeconds() ?? 0,
        Evidence = Evidence.ToString(),
    };
}
