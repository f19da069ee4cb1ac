namespace Broker.Http;

/// <summary>Where this API tells who gives tokens for it (RFC 9728); each challenge for a bearer names it.</summary>
internal sealed record ResourceMetadata(string Address);
