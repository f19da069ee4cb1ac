namespace Broker.LocalCloud.Http;

/// <summary>
/// What a step came to: its value, or the refusal that ends the request. Exactly one of the two is set. No
/// <c>Result</c>: the codes are AWS's, and of what AWS refuses the house has no ledger and no next step.
/// </summary>
internal readonly record struct Outcome<T>
    where T : class
{
    private readonly T? _value;

    private Outcome(T? value, AwsRefusal? refusal)
    {
        _value = value;
        Refusal = refusal;
    }

    public AwsRefusal? Refusal { get; }

    /// <summary>The value; asking for it after a refusal is a bug.</summary>
    public T Value => _value ?? throw new InvalidOperationException($"the step was refused: {Refusal?.Code}");

    /// <summary>For interfaces, which the language does not convert by itself.</summary>
    public static Outcome<T> Of(T value) => new(value, null);

    public static implicit operator Outcome<T>(T value) => new(value, null);

    public static implicit operator Outcome<T>(AwsRefusal refusal) => new(null, refusal);
}
