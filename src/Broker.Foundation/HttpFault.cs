namespace Broker.Foundation;

/// <summary>
/// Why a call to another server brought no answer, in words of our own. The framework's text can hold names and
/// addresses of the inside, so it goes to the log only.
/// </summary>
public static class HttpFault
{
    public static string Describe(HttpRequestException fault) => Describe(fault.HttpRequestError);

    public static string Describe(HttpRequestError error) => error switch
    {
        HttpRequestError.NameResolutionError => "the name does not resolve",
        HttpRequestError.ConnectionError => "no connection",
        HttpRequestError.SecureConnectionError => "no TLS session",
        HttpRequestError.ConfigurationLimitExceeded => "the answer is too long",
        HttpRequestError.ResponseEnded => "the answer broke off",
        HttpRequestError.InvalidResponse or HttpRequestError.HttpProtocolError => "the answer is not HTTP",
        HttpRequestError.VersionNegotiationError => "no common version of HTTP",
        HttpRequestError.ProxyTunnelError => "the proxy does not connect",
        _ => "the call failed",
    };
}
