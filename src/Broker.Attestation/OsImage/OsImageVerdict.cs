using Broker.Attestation.Quotes;
using Broker.Cryptography;

namespace Broker.Attestation.OsImage;

/// <summary>What became of one register in the check of an OS image.</summary>
public enum RegisterState
{
    /// <summary>Computed, and the quote says the same.</summary>
    Matches,

    /// <summary>Computed, and the quote says something else.</summary>
    Differs,

    /// <summary>Not computed: nothing here could say what it has to be.</summary>
    Unverified,
}

/// <summary>One register of a quote beside what the OS image makes of it.</summary>
/// <param name="Register"><c>MRTD</c>, <c>RTMR0</c>, <c>RTMR1</c> or <c>RTMR2</c>.</param>
/// <param name="Expected">48 bytes; null when <see cref="State"/> is <see cref="RegisterState.Unverified"/>.</param>
/// <param name="Basis">Where the expectation comes from and what it does not cover, for people.</param>
public sealed record RegisterVerdict(
    string Register, RegisterState State, ReadOnlyMemory<byte>? Expected, ReadOnlyMemory<byte> Actual, string Basis);

/// <summary>
/// Whether a guest runs the OS image that its vm_config names. With <see cref="Refusal"/> null every register that the
/// policy asks for was computed and matches; <see cref="Registers"/> says of each how that was found.
/// No <c>Result</c>: the registers are shown of a refused image too.
/// </summary>
/// <param name="Registers">Empty when the check ended before there was anything to compare.</param>
public sealed record OsImageVerdict(IReadOnlyList<RegisterVerdict> Registers, string? Refusal)
{
    public bool Verified => Refusal is null;

    internal static OsImageVerdict Refused(string reason) => new([], reason);

    /// <summary>
    /// Compares in the order of the reference, and refuses with its words for the first register that is wrong.
    /// </summary>
    internal static OsImageVerdict Compare(TdReport report, ExpectedMeasurements expected, bool acceptUnverifiedRtmr0)
    {
        RegisterVerdict[] registers =
        [
            Judge("MRTD", expected.MrTd, report.MrTd, expected.Basis),
            Judge("RTMR0", expected.RtMr0, report.RtMr0, expected.RtMr0Basis),
            Judge("RTMR1", expected.RtMr1, report.RtMr1, expected.Basis),
            Judge("RTMR2", expected.RtMr2, report.RtMr2, expected.Basis),
        ];
        if (Array.Find(registers, register => register.State == RegisterState.Differs) is { } wrong)
        {
            return new OsImageVerdict(
                registers,
                $"MRs do not match: {wrong.Register} mismatch:"
                + $" expected={Hex.Of(wrong.Expected!.Value)}, actual={Hex.Of(wrong.Actual)}");
        }

        return registers[1].State == RegisterState.Unverified && !acceptUnverifiedRtmr0
            ? new OsImageVerdict(registers, $"RTMR0 cannot be verified: {expected.RtMr0Basis}")
            : new OsImageVerdict(registers, null);
    }

    private static RegisterVerdict Judge(
        string register, byte[]? expected, ReadOnlyMemory<byte> actual, string basis) => new(
        register,
        expected is null ? RegisterState.Unverified
            : actual.Span.SequenceEqual(expected) ? RegisterState.Matches
            : RegisterState.Differs,
        expected is null ? (ReadOnlyMemory<byte>?)null : expected,
        actual,
        basis);

}

/// <summary>What the registers have to be; RTMR0 is null where nothing can say.</summary>
internal sealed record ExpectedMeasurements(
    byte[] MrTd, byte[]? RtMr0, byte[] RtMr1, byte[] RtMr2, string Basis, string RtMr0Basis);
