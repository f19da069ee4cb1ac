using System.Diagnostics.CodeAnalysis;

namespace Broker.Foundation.Results;

/// <summary>What a step returned: a value for the next step, or the refusal that ends the request.</summary>
public readonly record struct Result<T>
    where T : notnull
{
    private readonly T? _value;

    private Result(T? value, Refusal? refusal) => (_value, Refusal) = (value, refusal);

    /// <summary>Null when the step succeeded.</summary>
    public Refusal? Refusal { get; }

    [MemberNotNullWhen(true, nameof(Refusal))]
    public bool IsRefused => Refusal is not null;

    /// <summary>What the step gave.</summary>
    /// <exception cref="InvalidOperationException">The step refused.</exception>
    public T Value => Refusal is null && _value is not null
        ? _value
        : throw new InvalidOperationException("internal error: the value of a refused step was asked for");

    /// <summary>A step that succeeded.</summary>
    public static implicit operator Result<T>(T value) => new(value, null);

    /// <summary>A step that refused.</summary>
    public static implicit operator Result<T>(Refusal refusal) => new(default, refusal);
}
