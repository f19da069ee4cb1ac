using Broker.Sessions;

namespace Broker.OAuth.Authorization;

/// <summary>What a client asks a person for (RFC 6749 §4.1.1), checked; it waits for the person's word.</summary>
/// <param name="Challenge">Of PKCE, always <c>S256</c> (RFC 7636 §4.3).</param>
/// <param name="SignedInSince">A person who signed in before then signs in again; null where any session does.</param>
/// <param name="Key">The thumbprint of the key that must redeem the code (RFC 9449 §10); null where none must.</param>
internal sealed record AuthorizationRequest(
    SessionTerms Terms, string RedirectUri, string? State, string Challenge, string? Nonce,
    DateTimeOffset? SignedInSince, string? Key);

/// <summary>Where an answer goes, as far as that is known to be safe.</summary>
internal sealed record AnswerPlace(string RedirectUri, string? State);
