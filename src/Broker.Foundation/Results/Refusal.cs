namespace Broker.Foundation.Results;

/// <summary>
/// A request that ends without what it asked for. <paramref name="Detail"/> goes to the caller and to the ledger, so it
/// never holds a secret.
/// </summary>
public sealed record Refusal(RefusalCode Code, string Detail)
{
    /// <summary>Goes out as <c>Retry-After</c>, in whole seconds, rounded up.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The same refusal, with where it happened in front.</summary>
    public Refusal Within(string context) => this with { Detail = $"{context}: {Detail}" };
}
