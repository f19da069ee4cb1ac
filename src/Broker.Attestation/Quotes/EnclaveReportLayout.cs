namespace Broker.Attestation.Quotes;

/// <summary>
/// The places of an SGX enclave report's fields (Intel SDM vol. 3D, REPORT structure without its MAC).
/// </summary>
public static class EnclaveReportLayout
{
    public const int Size = 384;

    public static readonly QuoteField CpuSvn = new(0, 16);
    public static readonly QuoteField MiscSelect = new(16, 4);
    public static readonly QuoteField Attributes = new(48, 16);
    public static readonly QuoteField MrEnclave = new(64, 32);
    public static readonly QuoteField MrSigner = new(128, 32);
    public static readonly QuoteField IsvProdId = new(256, 2);
    public static readonly QuoteField IsvSvn = new(258, 2);
    public static readonly QuoteField ReportData = new(320, 64);
}
