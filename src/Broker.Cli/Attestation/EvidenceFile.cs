using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Broker.Attestation.Decoding;
using Broker.Attestation.Evidence;
using Broker.Attestation.RaTls;
using Broker.Cli.Quotes;
using Broker.Foundation;

namespace Broker.Cli.Attestation;

/// <summary>Evidence as people have it in files, told apart by how it starts.</summary>
/// <param name="Form">What the file was, for people.</param>
/// <param name="ExpectedReportData">What the evidence has to be bound to, where the file says: a certificate's
/// key.</param>
internal sealed record EvidenceFile(
    string Form, VersionedAttestation Attestation, ReadOnlyMemory<byte>? ExpectedReportData)
{
    public static Decoded<EvidenceFile> Read(string path)
    {
        var bytes = InputFile.ReadBytesOrHex(path, VersionedAttestation.MaxLength);
        return bytes.AsSpan().TrimStart(" \r\n\t"u8) switch
        {
            [(byte)'{', ..] => ReadJson(bytes),
            [0x30, ..] => ReadCertificate(() => X509CertificateLoader.LoadCertificate(bytes)),
            [(byte)'-', ..] => ReadCertificate(() => X509Certificate2.CreateFromPem(Encoding.Latin1.GetString(bytes))),
            _ => Wrap("attestation envelope", VersionedAttestation.Decode(bytes)),
        };
    }

    private static Decoded<EvidenceFile> ReadJson(byte[] bytes)
    {
        try
        {
            using var document = StrictJson.Parse(bytes);
            var root = document.RootElement;
            if (root.TryGetProperty("attestation", out var envelope))
            {
                var decoded = VersionedAttestation.Decode(Convert.FromHexString(envelope.GetString() ?? ""));
                return Wrap("attestation envelope, in JSON", decoded);
            }

            if (!root.TryGetProperty("quote", out var quote) || !root.TryGetProperty("event_log", out var eventLog))
            {
                return Decoded<EvidenceFile>.Refused("a JSON object with neither attestation nor quote and event_log");
            }

            var attestation = TdxAttestation.FromQuoteAndEventLog(
                Convert.FromHexString(quote.GetString() ?? ""), Encoding.UTF8.GetBytes(eventLog.GetString() ?? ""));
            if (!attestation.Succeeded) return attestation.RefusedAs<EvidenceFile>();
            var vmConfig = root.TryGetProperty("vm_config", out var config) ? config.GetString() : null;
            return new EvidenceFile("quote with event log", attestation.Value with { Config = vmConfig ?? "" }, null);
        }
        catch (JsonException fault)
        {
            return Decoded<EvidenceFile>.Refused($"not the JSON of evidence: {StrictJson.Reason(fault)}");
        }
        catch (Exception fault) when (fault is FormatException or InvalidOperationException)
        {
            return Decoded<EvidenceFile>.Refused($"not the JSON of evidence: {fault.Message}");
        }
    }

    private static Decoded<EvidenceFile> ReadCertificate(Func<X509Certificate2> load)
    {
        try
        {
            using var certificate = load();
            var read = RaTlsCertificate.Read(certificate);
            if (!read.Succeeded) return read.RefusedAs<EvidenceFile>();
            return read.Value.Attestation is { } attestation
                ? new EvidenceFile("RA-TLS certificate", attestation, read.Value.ExpectedReportData())
                : Decoded<EvidenceFile>.Refused("the certificate carries no attestation");
        }
        catch (CryptographicException fault)
        {
            return Decoded<EvidenceFile>.Refused($"not a certificate: {fault.Message}");
        }
    }

    private static Decoded<EvidenceFile> Wrap(string form, Decoded<VersionedAttestation> attestation)
        => attestation.Succeeded
            ? new EvidenceFile(form, attestation.Value, null)
            : attestation.RefusedAs<EvidenceFile>();
}
