using Broker.Ledger.Notes;

namespace Broker.Fuzz.Targets;

/// <summary>A checkpoint in the form of the C2SP examples, with a signature that no key made.</summary>
internal static class NoteSeeds
{
    public static string Line { get; } = $"\u2014 {Key.Name} {Signature(Key.Id)}\n";

    public static string Note { get; } =
        $"{Key.Name}\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n{Line}";

    // The vkey of the C2SP signed-note specification.
    public static NoteKey Key => NoteKey.TryParse(
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", out var key)
        ? key
        : throw new InvalidOperationException("the key of the specification cannot be read");

    private static string Signature(uint keyId)
    {
        var bytes = new byte[68];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(bytes, keyId);
        return Convert.ToBase64String(bytes);
    }
}
