using Broker.Attestation.Quotes;

namespace Broker.Attestation.Verification;

/// <summary>Reads a QE identity of version 2 strictly: all fields, exact lengths, no repeated names.</summary>
internal static class QeIdentityReader
{
    private const int Version = 2;

    /// <summary>
    /// The identity in a text whose signature has been verified; null after refusing it as <c>QE_IDENTITY</c> (schema)
    /// or <c>QE_IDENTITY_MISMATCH</c> (another enclave or version). Its dates are left to the caller.
    /// </summary>
    public static QeIdentity? Read(Examination examination, ReadOnlyMemory<byte> utf8, TeeType tee)
    {
        var json = new SignedJson();
        if (json.Parse(utf8) is not { } root) return Refuse(examination, json.Fault!);

        var version = json.Integer(root, "version", int.MaxValue);
        if (json.Fault is null && version != Version) return Mismatch(examination, $"version {version}");
        var id = json.Text(root, "id");
        if (json.Fault is null && id != (tee == TeeType.Tdx ? "TD_QE" : "QE")) return Mismatch(examination, "id");

        var identity = new QeIdentity
        {
            IssueDate = json.Date(root, "issueDate"),
            NextUpdate = json.Date(root, "nextUpdate"),
            TcbEvaluationDataNumber = json.Integer(root, "tcbEvaluationDataNumber", int.MaxValue),
            MiscSelect = json.Hex(root, "miscselect", 4),
            MiscSelectMask = json.Hex(root, "miscselectMask", 4),
            Attributes = json.Hex(root, "attributes", 16),
            AttributesMask = json.Hex(root, "attributesMask", 16),
            MrSigner = json.Hex(root, "mrsigner", 32),
            IsvProdId = (ushort)json.Integer(root, "isvprodid", ushort.MaxValue),
            Levels = IsvLevelReader.Read(json, root),
        };
        return json.Fault is { } fault ? Refuse(examination, fault) : identity;
    }

    private static QeIdentity? Refuse(Examination examination, string fault)
    {
        examination.Refuse(QuoteRefusalReason.QeIdentity, $"QE identity: {fault}");
        return null;
    }

    private static QeIdentity? Mismatch(Examination examination, string what)
    {
        examination.Refuse(
            QuoteRefusalReason.QeIdentityMismatch, $"QE identity is for another enclave or format: {what}");
        return null;
    }
}
