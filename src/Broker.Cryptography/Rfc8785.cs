using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Broker.Cryptography;

/// <summary>
/// The canonical form of a JSON value (RFC 8785): no white space, object members in the order of their names' UTF-16
/// code units, strings escaped as ECMAScript does, UTF-8 without a byte order mark. Two parties who agree on the value
/// sign the same bytes.
/// </summary>
/// <remarks>
/// A number is printed as the double that it parses to (§3.2.2.3): an integer beyond 2^53 comes out as its nearest
/// double, as every other implementation writes it. What no double can hold is refused. So are object members named
/// twice and strings with half a surrogate pair, as the RFC demands (§3.1, §3.2.2.2).
/// </remarks>
public static class Rfc8785
{
    private static readonly SearchValues<char> Escaped = SearchValues.Create(
        "\"\\\0\u0001\u0002\u0003\u0004\u0005\u0006\a\b\t\n\v\f\r\u000e\u000f\u0010\u0011\u0012\u0013\u0014\u0015" +
        "\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f");

    /// <summary>
    /// Writes the canonical bytes of <paramref name="value"/>, or says in <paramref name="fault"/> why it has none.
    /// </summary>
    /// <param name="value">A parsed value; the parser's depth limit bounds the recursion here.</param>
    /// <param name="canonical">UTF-8; empty when the answer is false.</param>
    /// <param name="fault">One sentence for whoever sent the value; null when the answer is true.</param>
    /// <param name="without">
    /// The path of one member to leave out, from the top: <c>["auth", "signature"]</c> makes the signing input of a
    /// request that carries its own signature. A member that is not there is no fault.
    /// </param>
    public static bool TryCanonicalize(
        JsonElement value,
        out byte[] canonical,
        [NotNullWhen(false)] out string? fault,
        params ReadOnlySpan<string> without)
    {
        var output = new ArrayBufferWriter<byte>();
        fault = Write(value, output, without);
        canonical = fault is null ? output.WrittenSpan.ToArray() : [];
        return fault is null;
    }

    /// <summary>Null, or what is wrong.</summary>
    private static string? Write(JsonElement value, ArrayBufferWriter<byte> output, ReadOnlySpan<string> without)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                return WriteObject(value, output, without);
            case JsonValueKind.Array:
                return WriteArray(value, output);
            case JsonValueKind.String:
                return WriteText(value, output);
            case JsonValueKind.Number:
                return WriteNumber(value, output);
            case JsonValueKind.True:
                output.Write("true"u8);
                return null;
            case JsonValueKind.False:
                output.Write("false"u8);
                return null;
            case JsonValueKind.Null:
                output.Write("null"u8);
                return null;
            default:
                return "there is no value";
        }
    }

    private static string? WriteObject(JsonElement value, ArrayBufferWriter<byte> output, ReadOnlySpan<string> without)
    {
        if (!TryReadMembers(value, out var members)) return "a member's name holds half a surrogate pair";
        members.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));

        output.Write("{"u8);
        var written = 0;
        for (var i = 0; i < members.Count; i++)
        {
            var (name, member) = members[i];
            if (i > 0 && members[i - 1].Name == name) return $"the member {JsonEncodedText.Encode(name)} stands twice";
            var isOnPath = without.Length > 0 && without[0] == name;
            if (isOnPath && without.Length == 1) continue;

            if (written++ > 0) output.Write(","u8);
            WriteString(name, output);
            output.Write(":"u8);
            if (Write(member, output, isOnPath ? without[1..] : []) is { } fault) return fault;
        }

        output.Write("}"u8);
        return null;
    }

    private static string? WriteArray(JsonElement value, ArrayBufferWriter<byte> output)
    {
        output.Write("["u8);
        var written = 0;
        foreach (var item in value.EnumerateArray())
        {
            if (written++ > 0) output.Write(","u8);
            if (Write(item, output, []) is { } fault) return fault;
        }

        output.Write("]"u8);
        return null;
    }

    private static string? WriteNumber(JsonElement value, ArrayBufferWriter<byte> output)
    {
        // The text is read here because the element's own reader gives up at exponents that round to zero.
        var text = JsonMarshal.GetRawUtf8Value(value);
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            || !double.IsFinite(number))
        {
            return "a number is beyond the range of a double (RFC 7493 §2.2)";
        }

        EcmaScriptNumber.Write(number, output);
        return null;
    }

    private static string? WriteText(JsonElement value, ArrayBufferWriter<byte> output)
    {
        try
        {
            WriteString(value.GetString()!, output);
            return null;
        }
        catch (InvalidOperationException)
        {
            // The parser accepts an escape such as \ud800 alone and complains only when the text is asked for.
            return "a string holds half a surrogate pair";
        }
    }

    private static void WriteString(ReadOnlySpan<char> text, ArrayBufferWriter<byte> output)
    {
        output.Write("\""u8);
        while (text.IndexOfAny(Escaped) is var at and >= 0)
        {
            Encoding.UTF8.GetBytes(text[..at], output);
            WriteEscape(text[at], output);
            text = text[(at + 1)..];
        }

        Encoding.UTF8.GetBytes(text, output);
        output.Write("\""u8);
    }

    private static void WriteEscape(char character, ArrayBufferWriter<byte> output)
    {
        var brief = character switch
        {
            '"' => "\\\""u8,
            '\\' => "\\\\"u8,
            '\b' => "\\b"u8,
            '\t' => "\\t"u8,
            '\n' => "\\n"u8,
            '\f' => "\\f"u8,
            '\r' => "\\r"u8,
            _ => [],
        };
        if (brief.Length > 0)
        {
            output.Write(brief);
            return;
        }

        output.Write("\\u00"u8);
        Span<byte> digits = stackalloc byte[2];
        ((byte)character).TryFormat(digits, out _, "x2");
        output.Write(digits);
    }

    private static bool TryReadMembers(JsonElement value, out List<(string Name, JsonElement Value)> members)
    {
        members = new(value.GetPropertyCount());
        try
        {
            foreach (var member in value.EnumerateObject()) members.Add((member.Name, member.Value));
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
