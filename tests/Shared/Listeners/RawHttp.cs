using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Broker.TestSupport;

/// <summary>HTTP as it is written here, over a socket of its own, so that no client tidies what is sent.</summary>
internal static class RawHttp
{
    /// <summary>Sends one request without a body and gives the answer as it came.</summary>
    /// <param name="address">With <c>https</c> the request goes over TLS, whatever the certificate.</param>
    /// <param name="method">The request's method.</param>
    /// <param name="target">The request target, byte for byte.</param>
    /// <param name="headers">Further header lines, each with its line end.</param>
    public static Task<string> SendAsync(Uri address, string method, string target, string headers = "") => SendAsync(
        address,
        $"{method} {target} HTTP/1.1\r\nHost: {address.Authority}\r\n{headers}Connection: close\r\n"
        + "Content-Length: 0\r\n\r\n");

    /// <summary>Sends <paramref name="request"/> and gives what comes back until the server closes.</summary>
    public static async Task<string> SendAsync(Uri address, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        await using var stream = await SecuredAsync(client.GetStream(), address);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return await reader.ReadToEndAsync();
    }

    /// <summary>The status of an answer.</summary>
    public static int StatusOf(string answer) => int.Parse(answer.AsSpan(9, 3), CultureInfo.InvariantCulture);

    private static async Task<Stream> SecuredAsync(NetworkStream plain, Uri address)
    {
        if (address.Scheme != Uri.UriSchemeHttps) return plain;
        var secured = new SslStream(plain);
        await secured.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = address.Host,
            RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.Issuer.Length > 0,
        });
        return secured;
    }
}
