namespace Broker.Attestation.Quotes;

/// <summary>
/// The places of a TD report's fields, offsets from the start of the body (Intel TDX DCAP quoting library,
/// <c>sgx_report2_body_t</c> and its 1.5 successors). The TDX 1.5 body appends to that of 1.0, the extended one to
/// that.
/// </summary>
public static class TdReportLayout
{
    public static readonly QuoteField TeeTcbSvn = new(0, 16);
    public static readonly QuoteField MrSeam = new(16, 48);
    public static readonly QuoteField MrSignerSeam = new(64, 48);
    public static readonly QuoteField SeamAttributes = new(112, 8);
    public static readonly QuoteField TdAttributes = new(120, 8);
    public static readonly QuoteField Xfam = new(128, 8);
    public static readonly QuoteField MrTd = new(136, 48);
    public static readonly QuoteField MrConfigId = new(184, 48);
    public static readonly QuoteField MrOwner = new(232, 48);
    public static readonly QuoteField MrOwnerConfig = new(280, 48);
    public static readonly QuoteField RtMr0 = new(328, 48);
    public static readonly QuoteField RtMr1 = new(376, 48);
    public static readonly QuoteField RtMr2 = new(424, 48);
    public static readonly QuoteField RtMr3 = new(472, 48);
    public static readonly QuoteField ReportData = new(520, 64);

    // TDX 1.5
    public static readonly QuoteField TeeTcbSvn2 = new(584, 16);
    public static readonly QuoteField MrServiceTd = new(600, 48);

    // TDX 1.5, extended
    public static readonly QuoteField VmId = new(648, 1);
    public static readonly QuoteField TdId = new(649, 32);
    public static readonly QuoteField DeviceInfoHash = new(681, 48);
    public static readonly QuoteField InitialServiceTdHash = new(729, 48);
    public static readonly QuoteField InitialServiceTdAttributes = new(777, 8);
    public static readonly QuoteField InitialCpuSvn = new(785, 16);
    public static readonly QuoteField InitialTeeTcbSvn = new(801, 16);
    public static readonly QuoteField InitialTeeFmspc = new(817, 12);
    public static readonly QuoteField CurrentServiceTdHash = new(829, 48);
    public static readonly QuoteField CurrentServiceTdAttributes = new(877, 8);

    /// <summary>How many bytes a body of this type has; null for a type that the format does not define.</summary>
    public static int? SizeOf(QuoteBodyType type) => type switch
    {
        QuoteBodyType.EnclaveReport => EnclaveReportLayout.Size,
        QuoteBodyType.TdReport10 => ReportData.End,
        QuoteBodyType.TdReport15 => MrServiceTd.End,
        QuoteBodyType.TdReport15Extended => CurrentServiceTdAttributes.End,
        _ => null,
    };
}
