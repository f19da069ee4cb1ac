namespace Broker.LocalCloud.Policies;

/// <summary>One name under which a policy may mean a caller, e.g. <c>AWS</c> and a role's ARN.</summary>
internal sealed record PrincipalName(string Type, string Value, PrincipalMatch Grade);
