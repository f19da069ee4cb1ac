using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using Broker.LocalCloud.Http;

namespace Broker.LocalCloud.S3;

/// <summary>The XML of S3's answers (API version 2006-03-01).</summary>
internal static class S3Xml
{
    private static readonly XNamespace S3 = "http://s3.amazonaws.com/doc/2006-03-01/";

    /// <summary>Keys may hold characters that XML does not know; they go out as references, as S3 sends them.</summary>
    private static readonly XmlWriterSettings Writing =
        new() { CheckCharacters = false, Encoding = new UTF8Encoding(false) };

    public static XElement Element(string name, params ReadOnlySpan<object?> content) =>
        new(S3 + name, content.ToArray());

    public static XElement? Optional(string name, object? value) => value is null ? null : Element(name, value);

    public static string Time(DateTimeOffset time) =>
        time.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    public static IResult Answer(XElement document) => Write(StatusCodes.Status200OK, document);

    /// <summary>An error has no namespace. The answer to a HEAD carries the status only.</summary>
    public static IResult Error(AwsRefusal refusal, string resource, string requestId) => Write(
        refusal.Status,
        new XElement(
            "Error",
            new XElement("Code", refusal.Code),
            new XElement("Message", refusal.Message),
            new XElement("Resource", resource),
            new XElement("RequestId", requestId)));

    private static IResult Write(int status, XElement document)
    {
        using var text = new MemoryStream();
        using (var writer = XmlWriter.Create(text, Writing)) document.Save(writer);
        return Results.Text(text.ToArray(), "application/xml", status);
    }
}
