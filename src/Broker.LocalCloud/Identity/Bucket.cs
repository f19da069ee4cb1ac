using Broker.LocalCloud.Policies;

namespace Broker.LocalCloud.Identity;

/// <summary>A bucket, and who else than its account's own identities may do what in it.</summary>
internal sealed record Bucket(string Name, PolicyDocument? Policy);
