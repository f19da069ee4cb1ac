namespace Broker.Attestation.SevSnp.Reports;

/// <summary>
/// The security version of each part of a platform's firmware. A vector and no number: it is compared component by
/// component. Two vectors may both not reach each other.
/// </summary>
/// <param name="Fmc">Turin's first mutable code; zero on older families.</param>
public readonly record struct TcbLevels(byte Fmc, byte BootLoader, byte Tee, byte Snp, byte Microcode)
{
    public const int EncodedLength = 8;

    /// <summary>Whether every component is at least that of <paramref name="minimum"/>.</summary>
    public bool Reaches(TcbLevels minimum)
        => Fmc >= minimum.Fmc && BootLoader >= minimum.BootLoader && Tee >= minimum.Tee && Snp >= minimum.Snp
        && Microcode >= minimum.Microcode;

    /// <summary>
    /// Reads levels from a list such as <c>bootloader=4,snp=24,microcode=219</c>; what it does not name is zero. Null
    /// when it is not such a list, or names a part twice.
    /// </summary>
    public static TcbLevels? Parse(string text)
    {
        var levels = default(TcbLevels);
        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (var part in text.Split(','))
        {
            var (name, value) = part.Split('=') is [var left, var right] ? (left.Trim(), right.Trim()) : ("", "");
            if (!named.Add(name) || !value.All(char.IsAsciiDigit) || !byte.TryParse(value, out var level)) return null;
            switch (name)
            {
                case "fmc": levels = levels with { Fmc = level }; break;
                case "bootloader": levels = levels with { BootLoader = level }; break;
                case "tee": levels = levels with { Tee = level }; break;
                case "snp": levels = levels with { Snp = level }; break;
                case "microcode": levels = levels with { Microcode = level }; break;
                default: return null;
            }
        }

        return levels;
    }

    public override string ToString()
        => $"fmc {Fmc}, bootloader {BootLoader}, tee {Tee}, snp {Snp}, microcode {Microcode}";

    /// <summary>The 8 bytes of a report, in the order of the family.</summary>
    internal byte[] Encode(ProcessorFamily family) => family == ProcessorFamily.Turin
        ? [Fmc, BootLoader, Tee, Snp, 0, 0, 0, Microcode]
        : [BootLoader, Tee, 0, 0, 0, 0, Snp, Microcode];

    /// <summary>Reads a report's 8 bytes in the order of the family. Null when reserved bytes are not zero.</summary>
    internal static TcbLevels? Read(ReadOnlySpan<byte> encoded, ProcessorFamily family)
    {
        var reserved = family == ProcessorFamily.Turin ? encoded[4..7] : encoded[2..6];
        if (reserved.ContainsAnyExcept((byte)0)) return null;
        return family == ProcessorFamily.Turin
            ? new TcbLevels(encoded[0], encoded[1], encoded[2], encoded[3], encoded[7])
            : new TcbLevels(0, encoded[0], encoded[1], encoded[6], encoded[7]);
    }
}
