namespace Broker.Modules;

/// <summary>What the command line said about this start.</summary>
internal sealed record StartupChoices(
    bool SkipStartupCheck = false, bool CreateMissingKeys = false, string? ExportSessionKeyTo = null);
