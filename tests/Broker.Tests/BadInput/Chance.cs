using System.Text;

namespace Broker.Tests.BadInput;

/// <summary>Bodies made by chance, the same ones for the same seed.</summary>
internal static class Chance
{
    private static readonly string[] Names =
    [
        "address", "chain_id", "request_id", "signature", "message", "role", "ttl_seconds", "duration_seconds",
        "issued_at", "intent", "auth", "agent_id", "", "\\u0000", "\\ud83d",
    ];

    private static readonly string[] Scalars =
    [
        "null", "true", "0", "-0", "1e5", "1E-5", "123456789012345678901234567890", "\"\"", "\"0x00\"", "\"data\"",
        "\"\\ud800\"", "\"\\uDBFF\\uDFFF\"", "\"\\\\\"", "\"é\"", "\"\u2028\"",
    ];

    private static readonly byte[] Insertions = "{}[]\",:\\0-.eEtfn \t\n\u0001"u8.ToArray();

    /// <summary>A JSON object whose names are those that routes read.</summary>
    public static byte[] Json(Random chance)
    {
        var text = new StringBuilder();
        Object(chance, text, 0);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>A good body with one to four bytes changed, put in, taken out or doubled.</summary>
    public static byte[] Damage(Random chance, string good)
    {
        var bytes = Encoding.UTF8.GetBytes(good).ToList();
        for (var wounds = chance.Next(1, 5); wounds > 0 && bytes.Count > 0; wounds--)
        {
            var at = chance.Next(bytes.Count);
            switch (chance.Next(5))
            {
                case 0: bytes[at] = (byte)chance.Next(256); break;
                case 1: bytes[at] ^= (byte)(1 << chance.Next(8)); break;
                case 2: bytes.RemoveAt(at); break;
                case 3: bytes.Insert(at, Insertions[chance.Next(Insertions.Length)]); break;
                default:
                    var length = Math.Min(chance.Next(1, 40), bytes.Count - at);
                    bytes.InsertRange(at, bytes.GetRange(at, length));
                    break;
            }
        }

        return [.. bytes];
    }

    private static void Object(Random chance, StringBuilder text, int depth)
    {
        text.Append('{');
        for (var (n, count) = (0, chance.Next(5)); n < count; n++)
        {
            if (n > 0) text.Append(',');
            text.Append('"').Append(Names[chance.Next(Names.Length)]).Append("\":");
            Value(chance, text, depth + 1);
        }

        text.Append('}');
    }

    private static void Value(Random chance, StringBuilder text, int depth)
    {
        switch (depth < 4 ? chance.Next(4) : 3)
        {
            case 0:
                Object(chance, text, depth);
                break;
            case 1:
                text.Append('[');
                Value(chance, text, depth + 1);
                text.Append(']');
                break;
            default:
                text.Append(Scalars[chance.Next(Scalars.Length)]);
                break;
        }
    }
}
