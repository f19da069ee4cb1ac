using Broker.Attestation.Quotes;

namespace Broker.Attestation.Verification;

/// <summary>Whether the TDX module that launched a TD is one of Intel's: its signer and its attributes.</summary>
internal static class TdxModuleMatch
{
    /// <summary>
    /// The identity of a module's major version, ids compared in upper case; null when there is not exactly one.
    /// </summary>
    public static TdxModuleIdentity? Find(TcbInfo tcbInfo, byte major)
    {
        var id = $"TDX_{major:X2}";
        TdxModuleIdentity? found = null;
        foreach (var identity in tcbInfo.TdxModuleIdentities)
        {
            if (identity.Id != id) continue;
            if (found is not null) return null;
            found = identity;
        }

        return found;
    }

    /// <summary>Null when the module is Intel's.</summary>
    public static QuoteRefusal? Refuse(TcbInfo tcbInfo, TdReport report)
    {
        var major = report.TeeTcbSvn.Span[1];
        var module = major == 0 ? tcbInfo.TdxModule : Find(tcbInfo, major)?.Module;
        if (module is null) return Mismatch($"no one identity of TDX module {major}");
        var signer = report.MrSignerSeam.Span;
        if (signer.ContainsAnyExcept((byte)0) || !signer.SequenceEqual(module.MrSigner.Span))
        {
            return Mismatch("MRSIGNERSEAM");
        }

        var attributes = report.SeamAttributes.Span;
        return attributes.ContainsAnyExcept((byte)0) || !attributes.SequenceEqual(module.Attributes.Span)
            ? Mismatch("SEAMATTRIBUTES")
            : null;
    }

    private static QuoteRefusal Mismatch(string detail) => new(QuoteRefusalReason.TdxModuleMismatch, detail);
}
