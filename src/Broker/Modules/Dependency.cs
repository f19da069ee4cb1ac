namespace Broker.Modules;

/// <summary>
/// Tier 2 (contract §6.2): something elsewhere that a feature depends on. The broker starts without it, tries until the
/// first success, and shows the state in <c>/readyz</c>.
/// </summary>
/// <param name="Name">Its name in <c>/readyz</c>.</param>
/// <param name="Unseen">What is said before the first answer.</param>
/// <param name="TryAsync">Null when it answered; otherwise why it is not ready.</param>
internal sealed record Dependency(string Name, string Unseen, Func<CancellationToken, Task<string?>> TryAsync)
{
    /// <summary>Taken as ready until it is asked.</summary>
    public bool IsTrusted { get; init; }
}
