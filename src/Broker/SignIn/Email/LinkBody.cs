using System.Text.Json.Serialization;

namespace Broker.SignIn.Email;

/// <summary>
/// Body of <c>POST /v1/auth/email/verify</c> and, without <c>request_id</c>, of <c>…/preview</c>: the token of the
/// link's fragment.
/// </summary>
/// <param name="RequestId">Where it is sent, the link must be that of this request.</param>
internal sealed record LinkBody(
    [property: JsonPropertyName("token"), JsonRequired] string Token,
    [property: JsonPropertyName("request_id")] string? RequestId = null);
