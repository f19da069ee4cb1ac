using System.Xml.Linq;
using Broker.LocalCloud.Identity;

namespace Broker.LocalCloud.Sts;

/// <summary><c>Action=GetCallerIdentity</c>: tells a signed caller who it is. Needs no permission.</summary>
internal static class GetCallerIdentity
{
    public const string Action = "GetCallerIdentity";

    public static XElement Handle(Principal caller) => StsXml.Element(
        $"{Action}Result",
        StsXml.Element("Arn", caller.Arn),
        StsXml.Element("UserId", caller.UserId),
        StsXml.Element("Account", caller.Account));
}
