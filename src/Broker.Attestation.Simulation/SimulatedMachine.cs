using System.Security.Cryptography;
using System.Text;
using Broker.Attestation.Quotes;
using Broker.Attestation.Verification;

namespace Broker.Attestation.Simulation;

/// <summary>
/// A machine with a certified platform key: its quoting enclave signs whatever TD report it is given. That is the whole
/// difference from a real one, and why its root is never built in.
/// </summary>
public sealed class SimulatedMachine : IDisposable
{
    private readonly CertifiedKey _pck;
    private readonly ECDsa _attestationKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly byte[] _chain;
    private readonly byte[] _userData = new byte[20];

    internal SimulatedMachine(CertifiedKey pck, IReadOnlyList<string> issuers)
    {
        _pck = pck;
        _chain = Encoding.ASCII.GetBytes(string.Concat([pck.ToPem(), .. issuers]) + '\0');
        RandomNumberGenerator.Fill(_userData.AsSpan(0, 16)); // the QE identifier
    }

    /// <summary>The serial number of the PCK certificate, hex: what a revocation list would name.</summary>
    public string PckSerial
        => Convert.ToHexStringLower(SgxCertificateReader.TryRead(_pck.Certificate)!.SerialNumber.Span);

    /// <summary>A quote over the report: version 4 for a TDX 1.0 report, version 5 for a later one.</summary>
    public byte[] Quote(TdReport report)
    {
        var header = new QuoteHeader
        {
            Version = (ushort)(report.Type == QuoteBodyType.TdReport10 ? 4 : 5),
            TeeType = TeeType.Tdx,
            UserData = _userData,
        };
        var signed = QuoteEncoder.SignedRegion(header, report);
        var publicKey = PublicKey();
        var authentication = Enumerable.Range(0, 32).Select(value => (byte)value).ToArray();
        var qeReport = QeReport(publicKey, authentication);

        return QuoteEncoder.Encode(signed, header.Version, new QuoteSignatureData
        {
            Signature = _attestationKey.SignData(signed, HashAlgorithmName.SHA256),
            AttestationKey = publicKey,
            QeReport = qeReport,
            QeReportSignature = _pck.SignRaw(qeReport.Encoded.Span),
            QeAuthenticationData = authentication,
            CertificationDataType = CertificationDataType.PckCertificateChain,
            CertificationData = _chain,
        });
    }

    public void Dispose()
    {
        _attestationKey.Dispose();
        _pck.Dispose();
    }

    private byte[] PublicKey()
    {
        var point = _attestationKey.ExportParameters(includePrivateParameters: false).Q;
        return [.. point.X!, .. point.Y!];
    }

    private static EnclaveReport QeReport(byte[] publicKey, byte[] authentication)
    {
        var bound = new byte[64];
        SHA256.HashData([.. publicKey, .. authentication], bound);
        return EnclaveReport.Of(
            (EnclaveReportLayout.CpuSvn, new byte[16]),
            (EnclaveReportLayout.Attributes, Convert.FromHexString("1500000000000000e700000000000000")),
            (EnclaveReportLayout.MrEnclave, SHA256.HashData("simulated TD quoting enclave"u8)),
            (EnclaveReportLayout.MrSigner, Convert.FromHexString(SimulatedCollateral.QeMrSigner)),
            (EnclaveReportLayout.IsvProdId, new byte[] { 2, 0 }),
            (EnclaveReportLayout.IsvSvn, new byte[] { (byte)SimulatedCollateral.QeIsvSvn, 0 }),
            (EnclaveReportLayout.ReportData, bound));
    }
}
