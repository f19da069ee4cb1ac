using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace Broker.Cryptography.Eip712;

/// <summary>The struct types of one piece of typed data, with what EIP-712 hashes of each.</summary>
internal sealed class StructTypes
{
    private const string DomainName = "EIP712Domain";
    private const int MostTypes = 128;
    private const int MostMembers = 256;

    /// <summary>In the order in which the domain has them where no type says which it has.</summary>
    private static readonly (string Name, string Type)[] DomainMembers =
    [
        ("name", "string"), ("version", "string"), ("chainId", "uint256"), ("verifyingContract", "address"),
        ("salt", "bytes32"),
    ];

    private readonly Dictionary<string, StructType> _types = new(StringComparer.Ordinal);
    private readonly Dictionary<string, byte[]> _hashes = new(StringComparer.Ordinal);

    public StructType Domain => _types[DomainName];

    /// <exception cref="FormatException">They are no types.</exception>
    public static StructTypes Read(JsonElement types, JsonElement domain)
    {
        var read = new StructTypes();
        foreach (var type in types.EnumerateObject())
        {
            if (read._types.Count == MostTypes) throw new FormatException($"types has more than {MostTypes} types");
            if (!MemberTypeName.IsStructName(type.Name))
                throw new FormatException("types has a name that no struct can have");
            read._types.Add(type.Name, new StructType(type.Name, ReadMembers(type.Name, type.Value)));
        }

        if (!read._types.ContainsKey(DomainName))
            read._types.Add(DomainName, new StructType(DomainName, MembersOf(domain)));
        foreach (var type in read._types.Values)
        {
            foreach (var member in type.Members)
            {
                if (member.Type.Base is ReferenceType { Name: var name } && !read._types.ContainsKey(name))
                    throw new FormatException($"types.{type.Name}.{member.Name} is of no known type");
            }
        }

        return read;
    }

    public bool TryGet(string name, [NotNullWhen(true)] out StructType? type) => _types.TryGetValue(name, out type);

    public StructType Of(ReferenceType reference) => _types[reference.Name];

    /// <summary><c>typeHash</c>: 32 bytes, Keccak-256 of <c>encodeType</c>.</summary>
    public byte[] HashOf(StructType type)
    {
        if (!_hashes.TryGetValue(type.Name, out var hash))
            _hashes[type.Name] = hash = Keccak256.HashData(Encoding.UTF8.GetBytes(Encode(type)));
        return hash;
    }

    /// <summary><c>encodeType</c>: the type itself, then all that it refers to, in the order of their names.</summary>
    private string Encode(StructType type)
    {
        var found = new HashSet<string>(StringComparer.Ordinal) { type.Name };
        var open = new Stack<StructType>([type]);
        while (open.TryPop(out var one))
        {
            foreach (var reference in one.Members.Select(member => member.Type.Base).OfType<ReferenceType>())
                if (found.Add(reference.Name)) open.Push(Of(reference));
        }

        found.Remove(type.Name);
        var text = new StringBuilder();
        Write(text, type);
        foreach (var name in found.Order(StringComparer.Ordinal)) Write(text, _types[name]);
        return text.ToString();
    }

    private static void Write(StringBuilder text, StructType type) => text
        .Append(type.Name).Append('(')
        .AppendJoin(',', type.Members.Select(member => $"{member.Written} {member.Name}"))
        .Append(')');

    private static List<StructMember> ReadMembers(string type, JsonElement written)
    {
        if (written.ValueKind != JsonValueKind.Array) throw new FormatException($"types.{type} must be an array");
        if (written.GetArrayLength() > MostMembers)
            throw new FormatException($"types.{type} has more than {MostMembers} members");
        var members = new List<StructMember>();
        foreach (var one in written.EnumerateArray())
        {
            if (Text(one, "name") is not { } name || !MemberTypeName.IsMemberName(name)
                || Text(one, "type") is not { } wording)
                throw new FormatException($"types.{type} has a member without a name and a type");
            if (members.Exists(member => member.Name == name))
                throw new FormatException($"types.{type} names {name} twice");
            if (MemberTypeName.Read(wording) is not { } memberType)
                throw new FormatException($"types.{type}.{name} is of no known type");
            members.Add(new StructMember(name, wording, memberType));
        }

        return members;
    }

    private static string? Text(JsonElement member, string name) =>
        member.ValueKind == JsonValueKind.Object && member.TryGetProperty(name, out var text)
        && text.ValueKind == JsonValueKind.String
            ? text.GetString()
            : null;

    private static List<StructMember> MembersOf(JsonElement domain)
    {
        if (domain.EnumerateObject().Any(one => !DomainMembers.Any(known => one.NameEquals(known.Name))))
            throw new FormatException("the domain has a member that EIP712Domain has not; name its type in types");
        return
        [
            .. DomainMembers.Where(known => domain.TryGetProperty(known.Name, out _))
                .Select(known => new StructMember(known.Name, known.Type, MemberTypeName.Read(known.Type)!)),
        ];
    }
}
