namespace Broker.Cryptography.Eip712;

/// <summary>A struct type: its members in the order in which they are encoded.</summary>
internal sealed record StructType(string Name, IReadOnlyList<StructMember> Members);

/// <param name="Written">The type as it was written, which is what <c>encodeType</c> repeats.</param>
internal sealed record StructMember(string Name, string Written, MemberType Type);

/// <summary>The type of a member: atomic, dynamic, a struct, or an array of such.</summary>
internal abstract record MemberType
{
    /// <summary>What stands below all arrays.</summary>
    public virtual MemberType Base => this;
}

/// <summary><c>uint8</c> to <c>uint256</c> and <c>int8</c> to <c>int256</c>.</summary>
internal sealed record IntegerType(int Bits, bool IsSigned) : MemberType;

internal sealed record BooleanType : MemberType;

internal sealed record AddressType : MemberType;

/// <summary><c>bytes1</c> to <c>bytes32</c>.</summary>
internal sealed record FixedBytesType(int Length) : MemberType;

/// <summary><c>bytes</c>.</summary>
internal sealed record BytesType : MemberType;

internal sealed record StringType : MemberType;

/// <summary>A reference to a struct type by its name.</summary>
internal sealed record ReferenceType(string Name) : MemberType;

/// <param name="Length">Null for one of any length.</param>
internal sealed record ArrayType(MemberType Item, int? Length) : MemberType
{
    public override MemberType Base => Item.Base;
}
