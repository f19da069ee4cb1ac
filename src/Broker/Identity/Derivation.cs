namespace Broker.Identity;

/// <summary>
/// A session that was exchanged for another one: it may do no more than that, ends with it, and makes nothing that would
/// outlive it.
/// </summary>
/// <param name="Sources">The ids of the sessions that it came from; it ends with any of them.</param>
/// <param name="Role">The one role that it may ask for; null for those of its source.</param>
internal sealed record Derivation(IReadOnlyList<string> Sources, string? Role)
{
    /// <summary>So often may sessions be exchanged one after another.</summary>
    public const int MostSources = 8;

    /// <summary>The agent that acts; null where the session's own holder does.</summary>
    public ActingAgent? Acting { get; init; }
}
