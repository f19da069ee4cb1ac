using Broker.Foundation;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Microsoft.AspNetCore.Http;

namespace Broker.Kms.Prpc;

/// <summary>A GET request's payload: the query string as a form, with the field names of the <c>.proto</c>.</summary>
internal static class PrpcQuery
{
    /// <summary>
    /// Whether the query asks for JSON: its first <c>json</c> field is empty, <c>true</c> or <c>1</c>.
    /// </summary>
    public static bool AsksForJson(IQueryCollection query) =>
        query.TryGetValue("json", out var values) && values.Count > 0 && values[0] is null or "" or "true" or "1";

    /// <summary>
    /// Fills the fields that the query names, in the spelling of the <c>.proto</c>; unknown names are ignored.
    /// </summary>
    /// <exception cref="PrpcFormatException">A value does not fit its field, or a field stands twice.</exception>
    public static void Read(IQueryCollection query, IMessage message)
    {
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            // The collection looks names up without regard to case; the service does not.
            var values = query.FirstOrDefault(pair => pair.Key == field.Name).Value;
            if (values.Count > 1) throw new PrpcFormatException($"field {field.Name} stands twice");
            if (values.Count == 1) field.Accessor.SetValue(message, ReadValue(field, values[0] ?? ""));
        }
    }

    private static object ReadValue(FieldDescriptor field, string text) => field.FieldType switch
    {
        FieldType.String => text,
        FieldType.Bytes => PrpcHex.Read(field.Name, text),
        FieldType.UInt32 when DecimalDigits.TryRead(text, out var number) && number <= uint.MaxValue => (uint)number,
        FieldType.UInt64 when DecimalDigits.TryRead(text, out var number) => number,
        _ => throw new PrpcFormatException($"field {field.Name} has an unusable value"),
    };
}
