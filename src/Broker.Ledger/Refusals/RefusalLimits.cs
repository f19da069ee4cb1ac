namespace Broker.Ledger.Refusals;

/// <summary>How many refusals may become entries of their own; what is above is counted and summed up.</summary>
/// <param name="PerSource">In a minute, for one client address (IPv6: its /64), and for one actor.</param>
/// <param name="InAll">In a minute, for all strangers together, and as many for all proven callers together.</param>
public sealed record RefusalLimits(int PerSource, int InAll);
