using System.Diagnostics.CodeAnalysis;

namespace Broker.Ledger.Notes;

/// <summary>Signature type identifier bytes of C2SP signed-note that are supported here.</summary>
[SuppressMessage("Design", "CA1008", Justification = "The values are those of the specification; it has no zero.")]
[SuppressMessage("Design", "CA1027", Justification = "Assigned numbers, no flags.")]
public enum NoteKeyType
{
    /// <summary>An Ed25519 signature over the note text: what a log puts under its checkpoints.</summary>
    Ed25519 = 0x01,

    /// <summary>A timestamped Ed25519 cosignature (C2SP tlog-cosignature): what a witness puts there.</summary>
    CosignatureV1 = 0x04,

    /// <summary>
    /// A timestamped ML-DSA-44 cosignature (C2SP tlog-cosignature): what a witness puts there, or a log whose own
    /// signature is of this kind (C2SP tlog-checkpoint, "Signatures").
    /// </summary>
    MLDsa44Cosignature = 0x06,
}
