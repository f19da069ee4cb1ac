using Broker.Foundation.Results;

namespace Broker.KmsAuthorizer.Http;

/// <summary>
/// Why a request is not a boot request. Callers read the field at fault, in the reference's form; the authorizer keeps no
/// ledger.
/// </summary>
internal static class RequestRefusals
{
    /// <summary>Its status is the server's own word on the body, such as 413.</summary>
    public static readonly RefusalCode BodyUnreadable = new(
        "body_unreadable", "bad_request", StatusCodes.Status400BadRequest,
        "Send a body of at most a mebibyte, whole.", Outcome: null);

    public static readonly RefusalCode InvalidRequest = new(
        "invalid_request", "bad_request", StatusCodes.Status400BadRequest,
        "Send a boot request as a dstack KMS does, or a probe with a known method.", Outcome: null);
}
