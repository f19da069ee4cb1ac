using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Broker.Attestation.Evidence;
using Broker.Kms.Certificates;
using Broker.Kms.Keys;
using Broker.Kms.Tls;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Kms.Tests.Rig;

/// <summary>Something that claims to be a KMS to onboard from, and lies where a test tells it to.</summary>
internal sealed class FakeSource : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _connections;

    private FakeSource(WebApplication app) => _app = app;

    public RootKeys Roots { get; } = RootKeys.Generate();

    public P256PrivateKey RpcKey { get; } = P256PrivateKey.Generate();

    /// <summary>The certificate for a connection, by its number from 1.</summary>
    public Func<int, X509Certificate2> Certificate { get; set; } = null!;

    /// <summary>Writes an answer, by method.</summary>
    public Func<string, HttpContext, Task> Answer { get; set; } = null!;

    public Uri Address { get; private set; } = null!;

    public List<string> Methods { get; } = [];

    public static async Task<FakeSource> StartAsync(Guest machine, bool tls = true)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        FakeSource? source = null;
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, 0, listener =>
            {
                if (!tls) return;
                listener.UseHttps(new HttpsConnectionAdapterOptions
                {
                    ServerCertificateSelector = (_, _) => source!.Certificate(++source._connections),
                    ClientCertificateMode = ClientCertificateMode.AllowCertificate,
                    ClientCertificateValidation = (_, _, _) => true,
                });
            }));
        source = new FakeSource(builder.Build());
        source._app.Run(source.HandleAsync);
        source.Certificate = _ => source.CertificateWith(machine, source.RpcKey);
        source.Answer = source.AnswerHonestlyAsync;
        await source._app.StartAsync();
        var listening = source._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        source.Address = new Uri(listening.Addresses.Single());
        return source;
    }

    /// <summary>
    /// A server certificate over a key, with evidence bound to <paramref name="boundTo"/> (the same key, if honest).
    /// </summary>
    public X509Certificate2 CertificateWith(Guest? machine, P256PrivateKey key, P256PrivateKey? boundTo = null)
    {
        var evidence = machine?.Attest(ReportDataBinding.ForCertificate((boundTo ?? key).SubjectPublicKeyInfo))
            .StrippedForCertificate().Encode();
        var pem = KmsCertificates.Rpc(key.SubjectPublicKeyInfo, "localhost", evidence, Roots.Ca, DateTimeOffset.UtcNow);
        return ServerCertificate.From(pem, key);
    }

    public Task AnswerHonestlyAsync(string method, HttpContext http) => method switch
    {
        "GetTempCaCert" => WriteAsync(http, TempCa(Roots)),
        "GetKmsKey" => WriteAsync(http, Keys(Roots, [Roots])),
        _ => Task.CompletedTask,
    };

    public static object TempCa(RootKeys roots) => new
    {
        temp_ca_cert = KmsCertificates.TempCa(roots.TempCa, DateTimeOffset.UtcNow),
        temp_ca_key = roots.TempCa.ToPem(),
        ca_cert = KmsCertificates.RootCa(roots.Ca, DateTimeOffset.UtcNow),
    };

    public static object Keys(RootKeys temp, RootKeys[] sets) => new
    {
        temp_ca_key = temp.TempCa.ToPem(),
        keys = sets.Select(set => new
        {
            ca_key = set.Ca.ToPem(),
            k256_key = Convert.ToHexStringLower(set.ExportK256()),
        }),
    };

    public static Task WriteAsync(HttpContext http, object answer) =>
        http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(answer))).AsTask();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private Task HandleAsync(HttpContext http)
    {
        var method = Path.GetFileName(http.Request.Path.Value!);
        lock (Methods) Methods.Add(method);
        return Answer(method, http);
    }
}
