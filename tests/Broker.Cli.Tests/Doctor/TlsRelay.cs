using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Broker.Cli.Tests.Doctor;

/// <summary>
/// A TLS listener on <c>localhost</c> before a broker, as a proxy is one: its certificate is signed by a CA made for the
/// test, through an intermediate that it sends along.
/// </summary>
internal sealed class TlsRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly X509Certificate2 _intermediate;
    private readonly SslStreamCertificateContext _shown;
    private Task _running = Task.CompletedTask;

    public TlsRelay(string host = "localhost")
    {
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var middleKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var leafKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (from, until) = (DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(30));
        using var root = Ask("CN=Test root", rootKey, isAuthority: true).CreateSelfSigned(from, until);
        RootPem = root.ExportCertificatePem();
        using var middle = Ask("CN=Test intermediate", middleKey, isAuthority: true).Create(root, from, until, [1]);
        _intermediate = middle.CopyWithPrivateKey(middleKey);
        var wish = Ask($"CN={host}", leafKey, isAuthority: false);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        wish.CertificateExtensions.Add(names.Build());
        using var signed = wish.Create(_intermediate, from, until, [2]);
        _shown = SslStreamCertificateContext.Create(
            signed.CopyWithPrivateKey(leafKey), [X509CertificateLoader.LoadCertificate(middle.RawData)], offline: true);
        _listener.Start();
    }

    public string RootPem { get; }

    public string Address => $"https://localhost:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>SHA-1 of the certificate that the intermediate sends, which IAM calls the thumbprint.</summary>
#pragma warning disable CA5350 // IAM defines it so.
    public string Thumbprint => Convert.ToHexStringLower(SHA1.HashData(_intermediate.RawData));
#pragma warning restore CA5350

    public void Forward(int port) => _running = Task.Run(async () =>
    {
        while (!_stop.IsCancellationRequested)
        {
            var client = await _listener.AcceptTcpClientAsync(_stop.Token);
            _ = RelayAsync(client, port);
        }
    });

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await _running;
        }
        catch (OperationCanceledException)
        {
            // Asked for.
        }

        _listener.Dispose();
        _intermediate.Dispose();
        _stop.Dispose();
    }

    private async Task RelayAsync(TcpClient client, int port)
    {
        try
        {
            using var broker = new TcpClient();
            using (client)
            {
                await using var tls = new SslStream(client.GetStream());
                await tls.AuthenticateAsServerAsync(
                    new SslServerAuthenticationOptions { ServerCertificateContext = _shown }, _stop.Token);
                await broker.ConnectAsync(IPAddress.Loopback, port);
                await Task.WhenAny(
                    tls.CopyToAsync(broker.GetStream(), _stop.Token),
                    broker.GetStream().CopyToAsync(tls, _stop.Token));
            }
        }
        catch (Exception ended) when (
            ended is IOException or SocketException or OperationCanceledException
                or System.Security.Authentication.AuthenticationException)
        {
            // Whoever came did not like the certificate, or went away.
        }
    }

    private static CertificateRequest Ask(string name, ECDsa key, bool isAuthority)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, critical: true));
        return request;
    }
}
