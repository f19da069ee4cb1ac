using System.Text.Json;

namespace Broker.Cryptography.Eip712;

/// <summary>
/// What a wallet signs of typed structured data (EIP-712, as <c>eth_signTypedData_v4</c> takes it): <c>{"types",
/// "primaryType", "domain", "message"}</c>. Arrays, arrays of arrays, structs within structs and structs that refer to
/// themselves are all encoded; a struct that is <c>null</c> counts as 32 zero bytes, which ends such a chain.
/// </summary>
/// <remarks>
/// Every member of a type must be there, in its range and of its length. Members that no type names are not signed, as
/// with other wallets. Where the types do not name <c>EIP712Domain</c>, it has the members that the domain has.
/// </remarks>
/// <param name="PrimaryType">The name of the type that the message is of.</param>
/// <param name="PrimaryTypeHash">32 bytes: Keccak-256 of <c>encodeType(primaryType)</c>.</param>
/// <param name="DomainSeparator">32 bytes: <c>hashStruct</c> of the domain.</param>
/// <param name="Digest">
/// 32 bytes, which are signed: Keccak-256 of <c>0x19 01</c>, the domain separator and <c>hashStruct(message)</c>; without
/// the last where the primary type is the domain itself.
/// </param>
public sealed record TypedData(string PrimaryType, byte[] PrimaryTypeHash, byte[] DomainSeparator, byte[] Digest)
{
    private static ReadOnlySpan<byte> Prefix => [0x19, 0x01];

    /// <exception cref="FormatException">
    /// It is not such data; the message says where, in words fit for whoever sent it.
    /// </exception>
    public static TypedData Read(JsonElement data)
    {
        if (data.ValueKind != JsonValueKind.Object) throw new FormatException("typed_data must be an object");
        var domain = Member(data, "domain", JsonValueKind.Object);
        var types = StructTypes.Read(Member(data, "types", JsonValueKind.Object), domain);
        var primaryType = Member(data, "primaryType", JsonValueKind.String).GetString()!;
        if (!types.TryGet(primaryType, out var primary))
            throw new FormatException("primaryType is none of the types");

        var encoder = new StructEncoder(types);
        var separator = encoder.HashStruct(types.Domain, domain, "domain");
        byte[] signed = primary == types.Domain
            ? [.. Prefix, .. separator]
            : [.. Prefix, .. separator,
                .. encoder.HashStruct(primary, Member(data, "message", JsonValueKind.Object), "message")];
        return new TypedData(primaryType, types.HashOf(primary), separator, Keccak256.HashData(signed));
    }

    private static JsonElement Member(JsonElement data, string name, JsonValueKind kind)
    {
        if (!data.TryGetProperty(name, out var member)) throw new FormatException($"{name} is missing");
        return member.ValueKind == kind
            ? member
            : throw new FormatException($"{name} must be {(kind == JsonValueKind.String ? "a string" : "an object")}");
    }
}
