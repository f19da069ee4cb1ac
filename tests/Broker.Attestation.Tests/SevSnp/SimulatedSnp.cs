using Broker.Attestation.SevSnp.Certificates;
using Broker.Attestation.SevSnp.Reports;
using Broker.Attestation.SevSnp.Verification;
using Broker.Attestation.Simulation.SevSnp;
using Broker.Attestation.Tests.Simulation;

namespace Broker.Attestation.Tests.SevSnp;

/// <summary>Hierarchies made once for all tests, since their keys take seconds, and what tests do with them.</summary>
internal static class SimulatedSnp
{
    public static readonly DateTimeOffset Now = Simulated.Now;

    public static readonly TcbLevels MilanLevels = new(0, 4, 0, 24, 219);
    public static readonly TcbLevels TurinLevels = new(1, 1, 1, 4, 81);

    private static readonly Lazy<SimulatedSnpPki> MilanPki =
        new(() => SimulatedSnpPki.Create(ProcessorFamily.Milan, Now));

    private static readonly Lazy<SimulatedSnpPki> TurinPki =
        new(() => SimulatedSnpPki.Create(ProcessorFamily.Turin, Now));

    public static SimulatedSnpPki Milan => MilanPki.Value;

    public static SimulatedSnpPki Turin => TurinPki.Value;

    public static SnpTrustAnchors Anchors(SimulatedSnpPki pki) => SnpTrustAnchors.External(
        new Dictionary<ProcessorFamily, ReadOnlyMemory<byte>> { [pki.Family] = pki.Root }, Simulated.Consent);

    public static SnpVerdict Verify(
        SimulatedSnpPki pki, SimulatedSnpMachine machine, byte[] report, byte[]? list = null,
        SnpPolicy? policy = null, DateTimeOffset? now = null)
        => new SnpReportVerifier(Anchors(pki), policy ?? new SnpPolicy()).Verify(
            report,
            new SnpCertificates(machine.Vcek, machine.Intermediate, list is null ? null : (ReadOnlyMemory<byte>?)list),
            new SnpExpectations(),
            now ?? Now);

    public static string CodeOf(SnpVerdict verdict) => verdict.ShouldBeOfType<RefusedReport>().Refusal.Code;
}
