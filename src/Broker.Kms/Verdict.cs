using System.Diagnostics.CodeAnalysis;

namespace Broker.Kms;

/// <summary>A value, or the refusal that stands in its place. Never both, never neither.</summary>
internal readonly record struct Verdict<T>
    where T : class
{
    private Verdict(T? value, Refusal? refusal)
    {
        Value = value;
        Refusal = refusal;
    }

    public T? Value { get; }

    public Refusal? Refusal { get; }

    [MemberNotNullWhen(true, nameof(Refusal))]
    [MemberNotNullWhen(false, nameof(Value))]
    public bool IsRefused => Refusal is not null;

    public static implicit operator Verdict<T>(T value) => new(value, null);

    public static implicit operator Verdict<T>(Refusal refusal) => new(null, refusal);
}
