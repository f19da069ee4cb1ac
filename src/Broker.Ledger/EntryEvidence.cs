using System.Text;
using System.Text.Json;
using Broker.Cryptography;

namespace Broker.Ledger;

/// <summary>
/// The column <c>evidence</c>: facts that a decision rested on, as a JSON object in RFC 8785 form. The default holds
/// none, and is the empty text.
/// </summary>
public readonly record struct EntryEvidence
{
    private readonly string? _json;

    private EntryEvidence(string json) => _json = json;

    /// <summary>Facts that are texts, each under its name.</summary>
    /// <exception cref="ArgumentException">Two facts have the same name, or one is not valid Unicode.</exception>
    public static EntryEvidence Of(params (string Name, string Value)[] facts) => Of(json =>
    {
        foreach (var (name, value) in facts) json.WriteString(name, value);
    });

    /// <summary>The members that <paramref name="write"/> writes, in any order.</summary>
    /// <exception cref="ArgumentException">The members have no form of RFC 8785.</exception>
    public static EntryEvidence Of(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        using var facts = JsonDocument.Parse(buffer.GetBuffer().AsMemory(0, (int)buffer.Length));
        return Rfc8785.TryCanonicalize(facts.RootElement, out var canonical, out var fault)
            ? new EntryEvidence(Encoding.UTF8.GetString(canonical))
            : throw new ArgumentException($"internal error: the evidence has no canonical form: {fault}");
    }

    /// <summary>The same with one more fact.</summary>
    /// <exception cref="ArgumentException">There is a fact of that name.</exception>
    public EntryEvidence With(string name, string value)
    {
        var before = _json;
        return Of(json =>
        {
            if (before is not null)
            {
                using var facts = JsonDocument.Parse(before);
                foreach (var fact in facts.RootElement.EnumerateObject()) fact.WriteTo(json);
            }

            json.WriteString(name, value);
        });
    }

    /// <summary>As it stands in the row.</summary>
    public override string ToString() => _json ?? "";
}
