using System.Diagnostics.CodeAnalysis;

namespace Broker.Attestation.Decoding;

/// <summary>
/// What came of reading somebody else's bytes: the value, or one lower-case line that says what is wrong with them.
/// Never both, never neither. No <c>Result</c>: a decoder knows neither the code nor the next step of a refusal.
/// </summary>
public readonly record struct Decoded<T>
    where T : class
{
    private Decoded(T? value, string? error)
    {
        Value = value;
        Error = error;
    }

    public T? Value { get; }

    public string? Error { get; }

    [MemberNotNullWhen(true, nameof(Value))]
    [MemberNotNullWhen(false, nameof(Error))]
    public bool Succeeded => Value is not null;

    [SuppressMessage("Usage", "CA2225", Justification = "a decoder returns what it decoded")]
    public static implicit operator Decoded<T>(T value) => new(value, null);

    /// <summary>A failure; <paramref name="error"/> holds lengths and names, never the bytes themselves.</summary>
    [SuppressMessage("Design", "CA1000", Justification = "reads as the other way to make the value")]
    public static Decoded<T> Refused(string error) => new(null, error);

    /// <summary>The same failure as another type, with where it happened in front.</summary>
    public Decoded<TOther> RefusedAs<TOther>(string? context = null)
        where TOther : class
        => Decoded<TOther>.Refused(context is null ? Error! : $"{context}: {Error}");
}
