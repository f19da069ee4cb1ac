namespace Broker.Sessions;

/// <summary>
/// On what terms an OAuth client holds a person's session: the claims <c>client_id</c>, <c>scope</c> and <c>aud</c>
/// (RFC 9068 §2.2).
/// </summary>
/// <param name="Scope">What was granted, with spaces between; may be empty.</param>
/// <param name="Resource">
/// For whom the token is (RFC 8707); null for this broker. A token for somebody else opens nothing here.
/// </param>
internal sealed record SessionTerms(string ClientId, string Scope, string? Resource);
