using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using Broker.Attestation.Decoding;

namespace Broker.Attestation.SevSnp.Reports;

/// <summary>Why SEV-SNP evidence was refused: a reason that programs act on, and a sentence for people.</summary>
/// <param name="Detail">
/// What was found, without platform identifiers; lower case, short, for logs and error bodies.
/// </param>
public sealed record SnpRefusal(SnpRefusalReason Reason, string Detail)
{
    private static readonly FrozenDictionary<SnpRefusalReason, string> Codes =
        Enum.GetValues<SnpRefusalReason>().ToFrozenDictionary(reason => reason, StableCode.Of);

    /// <summary>The stable name of <see cref="Reason"/>, for example <c>CHAIN_SIGNATURE</c>.</summary>
    public string Code => Codes[Reason];

    public override string ToString() => $"{Code}: {Detail}";
}

/// <summary>
/// What a step gave, or why it refused. Never both, never neither. No <c>Result</c>: the codes are the field's own, and
/// need neither status nor next step.
/// </summary>
public readonly record struct SnpOutcome<T>
    where T : class
{
    private SnpOutcome(T? value, SnpRefusal? refusal) => (Value, Refusal) = (value, refusal);

    public T? Value { get; }

    public SnpRefusal? Refusal { get; }

    [MemberNotNullWhen(true, nameof(Value))]
    [MemberNotNullWhen(false, nameof(Refusal))]
    public bool Succeeded => Value is not null;

    [SuppressMessage("Usage", "CA2225", Justification = "a step returns what it found")]
    public static implicit operator SnpOutcome<T>(T value) => new(value, null);

    [SuppressMessage("Usage", "CA2225", Justification = "a step returns why it refused")]
    public static implicit operator SnpOutcome<T>(SnpRefusal refusal) => new(null, refusal);
}
