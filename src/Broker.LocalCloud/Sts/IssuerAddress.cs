namespace Broker.LocalCloud.Sts;

/// <summary>
/// Where an issuer may live: AWS demands <c>https</c>; on a laptop plain <c>http</c> on loopback will do.
/// </summary>
internal static class IssuerAddress
{
    public static bool IsAcceptable(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri)
        && uri.Query.Length == 0 && uri.Fragment.Length == 0 && uri.UserInfo.Length == 0
        && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback));
}
