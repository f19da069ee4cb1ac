namespace Broker.Http;

/// <summary>
/// A request that ends without what it asked for. <paramref name="Detail"/> goes to the caller and to the ledger, so it
/// never holds a secret. What a code means, its status and the caller's next step stand in <see
/// cref="RefusalCatalog"/>.
/// </summary>
internal sealed record Refusal(RefusalCode Code, string Detail)
{
    /// <summary>Goes out as <c>Retry-After</c>, in whole seconds, rounded up.</summary>
    public TimeSpan? RetryAfter { get; init; }
}

/// <summary>What a step returned: a value for the next step, or the refusal that ends the request.</summary>
internal readonly struct Outcome<T>
    where T : notnull
{
    private readonly T? _value;

    private Outcome(T? value, Refusal? refusal) => (_value, Refusal) = (value, refusal);

    public Refusal? Refusal { get; }

    /// <exception cref="InvalidOperationException">The step refused.</exception>
    public T Value => Refusal is null && _value is not null
        ? _value
        : throw new InvalidOperationException("internal error: the value of a refused step was asked for");

    public static implicit operator Outcome<T>(T value) => new(value, null);

    public static implicit operator Outcome<T>(Refusal refusal) => new(default, refusal);
}
