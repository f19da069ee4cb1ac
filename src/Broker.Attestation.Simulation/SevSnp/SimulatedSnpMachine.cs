using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Broker.Attestation.SevSnp.Reports;

namespace Broker.Attestation.Simulation.SevSnp;

/// <summary>
/// A machine with a certified chip, which signs whatever report it is given. That is the whole difference from a real
/// one, and why its root is never built in.
/// </summary>
public sealed class SimulatedSnpMachine : IDisposable
{
    private const int TurinIdLength = 8;

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
    private readonly SimulatedSnpPki _pki;

    internal SimulatedSnpMachine(SimulatedSnpPki pki, string chip, TcbLevels tcb)
    {
        _pki = pki;
        Tcb = tcb;
        var id = SHA512.HashData(Encoding.UTF8.GetBytes($"simulated chip:{chip}"));
        HardwareId = pki.Family == ProcessorFamily.Turin ? id[..TurinIdLength] : id;
        Vcek = pki.IssueVcek(_key, tcb, HardwareId);
    }

    /// <summary>The chip as its certificate names it: 64 bytes, or on Turin 8.</summary>
    public byte[] HardwareId { get; }

    public TcbLevels Tcb { get; }

    /// <summary>The certificate of the chip's key at these firmware levels, DER.</summary>
    public byte[] Vcek { get; }

    /// <summary>The intermediate that issued it, DER.</summary>
    public byte[] Intermediate => _pki.Intermediate;

    /// <summary>A version 3 report of a guest as dstack starts it, signed.</summary>
    /// <param name="alter">Changes the report before it is signed.</param>
    public byte[] Report(
        ReadOnlySpan<byte> reportData, ReadOnlySpan<byte> hostData, ReadOnlySpan<byte> measurement,
        Action<byte[]>? alter = null)
    {
        var report = new byte[SnpReportLayout.Length];
        SnpReportLayout.Version.Write(report, [3, 0, 0, 0]);
        BinaryPrimitives.WriteUInt64LittleEndian(
            report.AsSpan(SnpReportLayout.Policy.Offset), (ulong)(GuestPolicy.SmtAllowed | GuestPolicy.MustBeOne));
        SnpReportLayout.SignatureAlgorithm.Write(report, [1, 0, 0, 0]);
        SnpReportLayout.PlatformInfo.Write(report, [(byte)PlatformInfo.SmtOn, 0, 0, 0, 0, 0, 0, 0]);
        SnpReportLayout.ReportData.Write(report, reportData);
        SnpReportLayout.Measurement.Write(report, measurement);
        SnpReportLayout.HostData.Write(report, hostData);
        report.AsSpan(SnpReportLayout.ReportIdMigrationAgent.Offset, 32).Fill(0xff);
        HardwareId.CopyTo(report, SnpReportLayout.ChipId.Offset);
        SnpReportLayout.Cpuid.Write(report, _pki.Family switch
        {
            ProcessorFamily.Milan => [0x19, 0x01, 0x01],
            ProcessorFamily.Genoa => [0x19, 0x11, 0x01],
            _ => [0x1a, 0x02, 0x01],
        });
        var tcb = Tcb.Encode(_pki.Family);
        SnpReportLayout.ReportedTcb.Write(report, tcb);
        SnpReportLayout.CommittedTcb.Write(report, tcb);
        SnpReportLayout.CurrentTcb.Write(report, tcb);
        SnpReportLayout.LaunchTcb.Write(report, tcb);

        alter?.Invoke(report);
        Sign(report);
        return report;
    }

    public void Dispose() => _key.Dispose();

    private void Sign(byte[] report)
    {
        var signature = _key.SignData(report.AsSpan(0, SnpReportLayout.SignedLength), HashAlgorithmName.SHA384);
        SnpReportLayout.SignatureR.Write(report, LittleEndian(signature[..48]));
        SnpReportLayout.SignatureS.Write(report, LittleEndian(signature[48..]));
    }

    private static byte[] LittleEndian(byte[] number)
    {
        var field = new byte[SnpReportLayout.SignatureR.Length];
        number.CopyTo(field, 0);
        field.AsSpan(0, number.Length).Reverse();
        return field;
    }
}
