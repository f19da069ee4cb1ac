namespace Broker.OAuth.Authorization;

/// <summary>An error of the authorization endpoint (RFC 6749 §4.1.2.1).</summary>
/// <param name="Place">Null where it must not be sent: the client or its address is not known. The person is told.</param>
internal sealed record AuthorizationError(string Error, string Description, AnswerPlace? Place);
