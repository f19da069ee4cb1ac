using System.Security.Cryptography;
using System.Text;
using Broker.Attestation.SevSnp.Reports;
using Broker.Attestation.Simulation.SevSnp;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Broker.Kms.Tests.Rig;

/// <summary>
/// A maker of SEV-SNP chips, and its key service over real HTTP, which serves in AMD's paths what chips it has made.
/// </summary>
internal sealed class KeyService : IAsyncDisposable
{
    public static readonly TcbLevels Levels = new(0, 4, 0, 24, 219);

    /// <summary>Keys of 4096 bits take seconds, so that there is one hierarchy for all tests.</summary>
    private static readonly Lazy<SimulatedSnpPki> Milan =
        new(() => SimulatedSnpPki.Create(ProcessorFamily.Milan, DateTimeOffset.UtcNow));

    private readonly WebApplication _app;
    private readonly Dictionary<string, byte[]> _chips = new(StringComparer.Ordinal);

    private KeyService(WebApplication app) => _app = app;

    public static SimulatedSnpPki Pki => Milan.Value;

    public string Url => $"{_app.Urls.Single()}/vcek/v1";

    /// <summary>Every question so far: path and query.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>Null answers as it should; otherwise this status.</summary>
    public int? Status { get; set; }

    public static async Task<KeyService> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var service = new KeyService(builder.Build());
        service._app.Run(service.AnswerAsync);
        await service._app.StartAsync();
        return service;
    }

    /// <summary>A machine whose certificate the service has.</summary>
    public SimulatedSnpMachine NewMachine(string chip)
    {
        var machine = Pki.CreateMachine(chip, Levels);
        _chips[$"/vcek/v1/Milan/{Convert.ToHexStringLower(machine.HardwareId)}"
            + $"?blSPL={Levels.BootLoader}&teeSPL={Levels.Tee}&snpSPL={Levels.Snp}&ucodeSPL={Levels.Microcode}"] =
            machine.Vcek;
        return machine;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        var question = http.Request.Path + http.Request.QueryString.Value;
        lock (Asked) Asked.Add(question);
        if (Status is { } status)
        {
            http.Response.StatusCode = status;
            return;
        }

        var answer = question switch
        {
            "/vcek/v1/Milan/cert_chain" => Encoding.ASCII.GetBytes(Pem(Pki.Intermediate) + Pem(Pki.Root)),
            "/vcek/v1/Milan/crl" => List(),
            _ => _chips.GetValueOrDefault(question),
        };
        if (answer is null) http.Response.StatusCode = StatusCodes.Status404NotFound;
        else await http.Response.Body.WriteAsync(answer);
    }

    /// <summary>Whether the list names the intermediate.</summary>
    public bool Revoked { get; set; }

    private byte[] List() => Pki.RevocationList(
        DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddDays(1), Revoked);

    private static string Pem(byte[] certificate)
        => PemEncoding.WriteString("CERTIFICATE", certificate) + "\n";
}
