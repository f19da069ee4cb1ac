using System.Globalization;
using System.Text;
using System.Xml.Linq;
using Broker.LocalCloud.Http;
using Broker.LocalCloud.Identity;

namespace Broker.LocalCloud.Sts;

/// <summary>The XML of the STS Query protocol (API version 2011-06-15).</summary>
internal static class StsXml
{
    private static readonly XNamespace Sts = "https://sts.amazonaws.com/doc/2011-06-15/";

    /// <summary>An element of the protocol's namespace; a null child or value leaves itself out.</summary>
    public static XElement Element(string name, params ReadOnlySpan<object?> content) =>
        new(Sts + name, content.ToArray());

    public static XElement? Optional(string name, object? value) => value is null ? null : Element(name, value);

    public static XElement Credentials(AccessKey key) => Element(
        "Credentials",
        Element("AccessKeyId", key.AccessKeyId),
        Element("SecretAccessKey", key.SecretAccessKey),
        Element("SessionToken", key.SessionToken),
        Element("Expiration", key.Expiration.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)));

    public static XElement AssumedRoleUser(Principal session) => Element(
        "AssumedRoleUser", Element("AssumedRoleId", session.UserId), Element("Arn", session.Arn));

    /// <summary>Wraps an action's result as <c>&lt;ActionResponse&gt;</c>.</summary>
    public static IResult Answer(string action, XElement result, string requestId) => Write(
        StatusCodes.Status200OK,
        Element($"{action}Response", result, Element("ResponseMetadata", Element("RequestId", requestId))));

    public static IResult Error(AwsRefusal refusal, string requestId) => Write(
        refusal.Status,
        Element(
            "ErrorResponse",
            Element(
                "Error",
                Element("Type", refusal.Status < 500 ? "Sender" : "Receiver"),
                Element("Code", refusal.Code),
                Element("Message", refusal.Message)),
            Element("RequestId", requestId)));

    private static IResult Write(int status, XElement document) =>
        Results.Text(document.ToString(SaveOptions.DisableFormatting), "text/xml", Encoding.UTF8, status);
}
