using Broker.LocalCloud.Identity;

namespace Broker.LocalCloud.Sts;

/// <summary>What a verified web identity token says. Only <see cref="WebIdentityVerifier"/> makes one.</summary>
/// <param name="Audience">The client id that the token was accepted for.</param>
/// <param name="Roles">The <c>https://aws.amazon.com/roles</c> claim, or null when the token has none.</param>
/// <param name="AuthenticationMethods">The <c>amr</c> claim, or null.</param>
internal sealed record WebIdentity(
    OidcProvider Provider, string Subject, string Audience, string? AuthorizedParty,
    IReadOnlyList<string>? AuthenticationMethods, IReadOnlyList<string>? Roles, string? SourceIdentity,
    SessionTags Tags);
