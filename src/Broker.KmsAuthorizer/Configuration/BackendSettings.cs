namespace Broker.KmsAuthorizer.Configuration;

/// <summary>The settings of whoever decides.</summary>
internal abstract record BackendSettings;

/// <summary>A JSON file decides; it is read again for every request.</summary>
internal sealed record PolicyFileSettings(string Path) : BackendSettings;
