namespace Broker.LocalCloud.Configuration;

/// <summary>The local cloud cannot start as it was told to; the message says what to change.</summary>
public sealed class LocalCloudConfigurationException(string message) : Exception(message);
