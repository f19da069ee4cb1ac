using Broker.Foundation.Results;
using Broker.Modules;
using static Microsoft.AspNetCore.Http.StatusCodes;

namespace Broker.Http;

/// <summary>Why a request is refused before any feature looks at it.</summary>
internal static class HttpRefusals
{
    public static readonly RefusalCode MalformedJson = Refused.BadRequest("malformed_json", Refused.CorrectAndSend);
    public static readonly RefusalCode InvalidField = Refused.BadRequest("invalid_field", Refused.CorrectAndSend);

    public static readonly RefusalCode BodyTooLarge = new(
        "body_too_large", "bad_request", Status413PayloadTooLarge, "Send a smaller body.", null);

    public static readonly RefusalCode UnsupportedMediaType = new(
        "unsupported_media_type", "bad_request", Status415UnsupportedMediaType, "Send Content-Type: application/json.",
        null);

    public static readonly RefusalCode MissingBearer = new(
        "missing_bearer", "unauthorized", Status401Unauthorized,
        "Send Authorization: Bearer <session token>; get one by signing in at POST /v1/auth/wallet/start.", null);

    public static readonly RefusalCode NotFound = new(
        "not_found", "bad_request", Status404NotFound, "See GET /openapi/v1.json for the routes.", null);

    public static readonly RefusalCode MethodNotAllowed = new(
        "method_not_allowed", "bad_request", Status405MethodNotAllowed, "Use a method that the Allow header names.",
        null);

    public static readonly RefusalCode Internal = new(
        "internal", "internal", Status500InternalServerError, Refused.AskOperator, null);

    /// <summary>Every code of this feature.</summary>
    public static IReadOnlyList<RefusalCode> All { get; } =
    [
        MalformedJson, InvalidField, BodyTooLarge, UnsupportedMediaType, MissingBearer, NotFound,
        MethodNotAllowed, Internal,
    ];
}
