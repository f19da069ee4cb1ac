using Broker.Foundation.Results;
using Broker.Modules;
using static Microsoft.AspNetCore.Http.StatusCodes;

namespace Broker.Inbox;

/// <summary>Why inbound mail cannot be read.</summary>
internal static class InboxRefusals
{
    public static readonly RefusalCode NotConfigured = new(
        "inbox_not_configured", "not_configured", Status501NotImplemented,
        "The operator names the mail bucket in BROKER_DATA_BUCKET and its role in BROKER_DATA_ROLE_ARN.", null);

    public static readonly RefusalCode UnknownMessage = new(
        "inbox_message_unknown", "bad_request", Status404NotFound, "See GET /v1/mail.", null);

    public static readonly RefusalCode Denied = Refused.Forbidden(
        "inbox_denied",
        "The operator grants the data role s3:ListBucket (with s3:prefix) and s3:GetObject on "
        + "bots/${aws:PrincipalTag/agentkeys_actor_omni}/inbound/* of the mail bucket, and the same on "
        + "bots/${aws:PrincipalTag/agentkeys_user_wallet}/inbound/*.");

    public static readonly RefusalCode Unreachable = new(
        "inbox_unreachable", "backend_unreachable", Status502BadGateway, Refused.AskOperator,
        LedgerOutcome.BackendError);

    /// <summary>S3 does not take what STS has given.</summary>
    public static readonly RefusalCode CredentialsRefused = new(
        "inbox_credentials_refused", "backend_unreachable", Status502BadGateway, Refused.AskOperator,
        LedgerOutcome.BackendError);

    /// <summary>Every code of this folder.</summary>
    public static IReadOnlyList<RefusalCode> All { get; } =
    [
        NotConfigured, UnknownMessage, Denied, Unreachable, CredentialsRefused,
    ];
}
