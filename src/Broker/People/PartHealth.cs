namespace Broker.People;

/// <summary>How one part of the broker is, in a word for people.</summary>
public sealed record PartHealth(string Name, string Word, bool IsReady);
