namespace Broker.Attestation.Tests.Interop;

/// <summary>
/// Where <c>@phala/dcap-qvl</c> 0.3.9 is known to judge otherwise, and the section of the TDX dossier that names the
/// gap (§0 what people get wrong, §2.11 how implementations differ, §7 known vulnerabilities). Tests hold these lists
/// to be exact: a difference that is not listed fails, and so does one that is listed and gone.
/// </summary>
internal static class DcapQvlGaps
{
    public const string Revocation = "CRLs are never authenticated and fail open (§0.3, §7)";
    public const string Signer = "any certificate below the root may sign TCB info (§0.4, §7)";
    public const string Module = "the TDX module identity is not evaluated (§0.2, §7: dcap-qvl #124)";
    public const string Vendor = "the QE vendor id is not checked (§7: dcap-qvl #127)";
    public const string Slack = "slack and sizes inside the structure are not checked (§1.8, §2.11)";
    public const string ReportDataTail = "32 of the 64 bytes of the QE's report data are compared (§2.2 S11)";
    public const string PceId = "PCEID and tcbType are not checked (§2.11)";
    public const string Schema = "TCB levels are not checked for length or repetition (§2.9, §7: dcap-qvl #126)";
    public const string ForeignChain = "the collateral's PCK chain is preferred to the quote's own (§2.2 S7)";
    public const string Td15Extended = "body type 4 is not read (§2.11)";
    public const string AuthenticationData = "QE authentication data must have 32 bytes (§1.5)";
    public const string FirstTwoComponents = "all 16 TDX components are compared, module SVNs among them (§0.1)";
    public const string Merge = "the worst status wins, and a relaunch is not known (§2.8, §2.11)";

    /// <summary>Cases of the fixtures' manifest by id.</summary>
    public static readonly IReadOnlyDictionary<string, string> OfFixtures = new Dictionary<string, string>
    {
        ["x86_coll_pck_crl_processor"] = Revocation,
        ["x87_coll_crls_swapped"] = Revocation,
        ["x88_coll_root_crl_as_pck_crl"] = Revocation,
        ["x89_coll_crl_empty"] = Revocation,
        ["x90_coll_root_crl_empty"] = Revocation,
        ["x91_coll_crl_garbage"] = Revocation,
        ["x93_coll_root_crl_sig"] = Revocation,
        ["x94_coll_pck_crl_2023"] = Revocation,
        ["x95_coll_root_crl_2023"] = Revocation,
        ["n45_root_crl_expired"] = Revocation,
        ["n46_pck_crl_future"] = Revocation,
        ["n47_pck_crl_badsig"] = Revocation,
        ["n48_pck_crl_wrong_issuer"] = Revocation,
        ["n49_root_crl_badsig"] = Revocation,
        ["n50_crl_garbage"] = Revocation,
        ["n77_tcb_signed_by_pck"] = Signer,
        ["n79_tcb_signer_cn"] = Signer,
        ["n98_no_identities"] = Module,
        ["n99_mrsignerseam"] = Module,
        ["n100_seamattributes"] = Module,
        ["p15_module_outofdate_confneeded"] = Module,
        ["n04_vendor"] = Vendor,
        ["x24_flip_sig_data_len"] = Slack,
        ["n09_v5_bodysize"] = Slack,
        ["n16_auth_tail"] = Slack,
        ["n24_qe_report_data_tail"] = ReportDataTail,
        ["n82_pceid"] = PceId,
        ["n104_short_components"] = Schema,
        ["n107_dup_levels"] = Schema,
        ["x114_foreign_pck_chain"] = ForeignChain,
        ["n62_collateral_chain_override"] = ForeignChain,
        ["p04_v5_body4_td15ex"] = Td15Extended,
        ["p05_qe_auth_len0"] = AuthenticationData,
        ["p06_qe_auth_len64"] = AuthenticationData,
        ["p17_module3"] = FirstTwoComponents,
        ["p13_qe_outofdate_ConfigurationAndSWHardeningNeeded"] = Merge,
        ["p22_relaunch_conf"] = Merge,
    };
}
