namespace Broker.Kms.Lifecycle;

/// <summary>The KMS cannot start, for a reason that its operator can do something about.</summary>
public sealed class KmsStartException(string message) : Exception(message);
